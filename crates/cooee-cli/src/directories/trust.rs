//! Whose a file is, on Windows.

use std::ffi::c_void;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, LocalFree};
use windows_sys::Win32::Security::Authorization::{GetNamedSecurityInfoW, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, IsWellKnownSid, OWNER_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser, WinBuiltinAdministratorsSid,
    WinLocalSystemSid,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Whether it belongs to the administrators, the system, or the user who runs this. Not if the system
/// does not say whose it is.
pub(super) fn is_trusted(path: &Path) -> bool {
    // SAFETY: the owner's identifier is valid while the owner lives.
    Owner::of(path).is_some_and(|owner| unsafe { is_trusted_user(owner.identifier) })
}

/// Whose a file or a directory is.
struct Owner {
    descriptor: PSECURITY_DESCRIPTOR,
    /// It points into the descriptor.
    identifier: PSID,
}

impl Owner {
    fn of(path: &Path) -> Option<Self> {
        let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
        let (mut identifier, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the path ends in zero; of what it may fill in, these two are wanted.
        let result = unsafe {
            GetNamedSecurityInfoW(
                path.as_ptr(),
                SE_FILE_OBJECT,
                OWNER_SECURITY_INFORMATION,
                &raw mut identifier,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                &raw mut descriptor,
            )
        };
        let told = Self { descriptor, identifier };
        (result == ERROR_SUCCESS && !told.identifier.is_null()).then_some(told)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: it is null, or was allocated for us and is given back once.
        unsafe { LocalFree(self.descriptor) };
    }
}

/// # Safety
/// It is a valid identifier.
unsafe fn is_trusted_user(user: PSID) -> bool {
    let privileged = [WinBuiltinAdministratorsSid, WinLocalSystemSid];
    // SAFETY: as the caller promises.
    privileged.iter().any(|&kind| unsafe { IsWellKnownSid(user, kind) } != 0)
        || OwnUser::ask().is_some_and(|own| unsafe { EqualSid(user, own.identifier()) } != 0)
}

/// The user who runs this: a `TOKEN_USER`, followed by what it points to, which therefore stays where
/// it is.
struct OwnUser {
    words: Box<[u64; Self::WORDS]>,
}

impl OwnUser {
    /// An identifier has 68 bytes at the most.
    const WORDS: usize = 16;

    fn ask() -> Option<Self> {
        let mut token = ptr::null_mut();
        // SAFETY: the handle of this process is always valid, and `token` is writable.
        if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
            return None;
        }
        // SAFETY: it was opened for us, and is closed once.
        let token = unsafe { OwnedHandle::from_raw_handle(token) };
        let mut user = Self { words: Box::new([0; Self::WORDS]) };
        let (size, mut needed) = (size_of_val(&*user.words) as u32, 0);
        let room: *mut c_void = user.words.as_mut_ptr().cast();
        // SAFETY: the token is open, and `room` has `size` bytes, aligned for the structure.
        let told = unsafe {
            GetTokenInformation(token.as_raw_handle(), TokenUser, room, size, &raw mut needed)
        };
        (told != 0).then_some(user)
    }

    fn identifier(&self) -> PSID {
        // SAFETY: the system has written the structure there.
        unsafe { (*self.words.as_ptr().cast::<TOKEN_USER>()).User.Sid }
    }
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::Security::{CreateWellKnownSid, WELL_KNOWN_SID_TYPE, WinWorldSid};

    use super::*;

    fn is_trusted_kind(kind: WELL_KNOWN_SID_TYPE) -> bool {
        let mut room = [0_u64; 16];
        let mut size = size_of_val(&room) as u32;
        let user: PSID = room.as_mut_ptr().cast();
        // SAFETY: there is room of that size.
        let made = unsafe { CreateWellKnownSid(kind, ptr::null_mut(), user, &raw mut size) };
        assert_ne!(made, 0, "{}", std::io::Error::last_os_error());
        // SAFETY: it was just made.
        unsafe { is_trusted_user(user) }
    }

    #[test]
    fn administrators_and_the_system_are_trusted_and_everybody_is_not() {
        assert!(is_trusted_kind(WinBuiltinAdministratorsSid));
        assert!(is_trusted_kind(WinLocalSystemSid));
        assert!(!is_trusted_kind(WinWorldSid));
    }

    #[test]
    fn a_file_of_ones_own_is_trusted_and_one_that_is_not_there_is_not() {
        let directory = tempfile::tempdir().unwrap();
        assert!(is_trusted(directory.path()));
        assert!(!is_trusted(&directory.path().join("none")));
    }
}

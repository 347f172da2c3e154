use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::{ffi::OsString, path::PathBuf};

use windows_sys::Win32::Foundation::WAIT_OBJECT_0;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    QueryFullProcessImageNameW, WaitForSingleObject,
};

/// A process. Its number is not given to another one while this lives.
#[derive(Debug)]
pub(crate) struct Process {
    handle: OwnedHandle,
}

impl Process {
    /// To learn its name; `None` if there is no such process, or it may not be seen.
    pub(crate) fn to_name(pid: u32) -> Option<Self> {
        Self::open(pid, PROCESS_QUERY_LIMITED_INFORMATION)
    }

    /// To learn whether it has ended; `None` as for [`to_name`](Self::to_name).
    pub(crate) fn to_outlive(pid: u32) -> Option<Self> {
        Self::open(pid, PROCESS_SYNCHRONIZE)
    }

    fn open(pid: u32, access: PROCESS_ACCESS_RIGHTS) -> Option<Self> {
        // SAFETY: it takes numbers only.
        let handle = unsafe { OpenProcess(access, 0, pid) };
        // SAFETY: what it returns, if not null, is a handle that is ours to close.
        (!handle.is_null())
            .then(|| Self { handle: unsafe { OwnedHandle::from_raw_handle(handle) } })
    }

    /// The file that it runs.
    pub(crate) fn image(&self) -> Option<PathBuf> {
        /// The longest path that Windows has.
        const LENGTH: u32 = 1 << 15;
        let (mut room, mut length) = (vec![0_u16; LENGTH as usize], LENGTH);
        // SAFETY: the handle is open, and `room` has as many characters as `length` says.
        let told = unsafe {
            QueryFullProcessImageNameW(
                self.handle.as_raw_handle(),
                0,
                room.as_mut_ptr(),
                &raw mut length,
            )
        };
        let path = room.get(..length as usize).filter(|_| told != 0)?;
        Some(OsString::from_wide(path).into())
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        // SAFETY: the handle is open; zero milliseconds do not wait.
        unsafe { WaitForSingleObject(self.handle.as_raw_handle(), 0) == WAIT_OBJECT_0 }
    }
}

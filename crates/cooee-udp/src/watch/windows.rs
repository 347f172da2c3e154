use std::ffi::c_void;
use std::fmt;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, HANDLE};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    CancelMibChangeNotify2, MIB_IPINTERFACE_ROW, MIB_NOTIFICATION_TYPE, MIB_UNICASTIPADDRESS_ROW,
    MibInitialNotification, NotifyIpInterfaceChange, NotifyUnicastIpAddressChange,
};
use windows_sys::Win32::Networking::WinSock::AF_UNSPEC;

use super::recheck::Recheck;

/// Notices that interfaces or their addresses have changed since it was last asked.
///
/// Windows says so in a thread of its own, and [wakes](Self::wake_by) who waits. Until it has shown
/// that it does (wine never does), this says once a second of use that they may have changed.
#[derive(Debug)]
pub struct InterfaceWatch {
    interfaces: Option<Registration>,
    addresses: Option<Registration>,
    otherwise: Recheck,
}

impl InterfaceWatch {
    /// Starts to watch.
    ///
    /// # Errors
    /// Never on this system.
    pub fn new() -> io::Result<Self> {
        let interfaces = Registration::new(|context, handle| {
            // SAFETY: the context is valid until the registration is cancelled.
            unsafe { NotifyIpInterfaceChange(AF_UNSPEC, Some(of_interface), context, true, handle) }
        });
        let addresses = Registration::new(|context, handle| {
            // SAFETY: as above.
            unsafe {
                NotifyUnicastIpAddressChange(AF_UNSPEC, Some(of_address), context, true, handle)
            }
        });
        let told = |registered: io::Result<_>| {
            let untold = |error: &_| tracing::debug!(%error, "changes of interfaces are not told");
            registered.inspect_err(untold).ok()
        };
        Ok(Self {
            interfaces: told(interfaces),
            addresses: told(addresses),
            otherwise: Recheck::new(),
        })
    }

    /// Whether anything changed since the last call.
    pub fn changed(&mut self) -> bool {
        let both = [&self.interfaces, &self.addresses].into_iter();
        let known: Vec<_> = both.flatten().map(|of| of.notices.take()).collect();
        let is_told = known.len() == 2 && known.iter().all(|noticed| noticed.is_told);
        known.iter().any(|noticed| noticed.changed) || (!is_told && self.otherwise.is_due())
    }

    /// Has `wake` called after each change, in a thread of Windows: it must not block or panic. Only
    /// the first that is given counts.
    pub fn wake_by(&self, wake: impl Fn() + Send + Sync + 'static) {
        let wake: Wake = Arc::new(wake);
        for registration in [&self.interfaces, &self.addresses].into_iter().flatten() {
            registration.notices.wake_by(&wake);
        }
    }
}

type Wake = Arc<dyn Fn() + Send + Sync>;

/// What Windows has told.
#[derive(Default)]
struct Notices {
    is_told: AtomicBool,
    changed: AtomicBool,
    wake: OnceLock<Wake>,
}

struct Noticed {
    is_told: bool,
    changed: bool,
}

impl Notices {
    /// Windows begins with a word that is no change.
    fn note(&self, kind: MIB_NOTIFICATION_TYPE) {
        self.is_told.store(true, Ordering::Release);
        if kind != MibInitialNotification {
            self.changed.store(true, Ordering::Release);
            // Either this sees who is to be woken, or `wake_by` sees the change.
            fence(Ordering::SeqCst);
            self.wake.get().into_iter().for_each(|wake| wake());
        }
    }

    fn take(&self) -> Noticed {
        let changed = self.changed.swap(false, Ordering::AcqRel);
        Noticed { is_told: self.is_told.load(Ordering::Acquire), changed }
    }

    fn wake_by(&self, wake: &Wake) {
        // One that is there already stays.
        let _ = self.wake.set(Arc::clone(wake));
        fence(Ordering::SeqCst);
        if self.changed.load(Ordering::Acquire) {
            wake();
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").field("is_told", &self.is_told).finish_non_exhaustive()
    }
}

/// Windows calls back as long as this lives.
#[derive(Debug)]
struct Registration {
    /// Null where nothing is behind it, as under wine.
    handle: HANDLE,
    notices: Arc<Notices>,
}

// SAFETY: the handle is a number for Windows, which any thread may give back; the rest is `Send`.
unsafe impl Send for Registration {}
// SAFETY: a shared reference gives access to `notices` only, which is `Sync`.
unsafe impl Sync for Registration {}

impl Registration {
    /// `register` gets the context that callbacks are to have, and where the handle goes.
    fn new(register: impl FnOnce(*const c_void, *mut HANDLE) -> u32) -> io::Result<Self> {
        let mut registration = Self { handle: ptr::null_mut(), notices: Arc::default() };
        let context = Arc::as_ptr(&registration.notices).cast();
        match register(context, &raw mut registration.handle) {
            ERROR_SUCCESS => Ok(registration),
            error => Err(io::Error::from_raw_os_error(error.cast_signed())),
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if !self.handle.is_null() {
            // SAFETY: it is registered, and cancelled once. The call returns when no callback runs or
            // will run, and `notices` lives until then. No callback drops this.
            unsafe { CancelMibChangeNotify2(self.handle) };
        }
    }
}

unsafe extern "system" fn of_interface(
    context: *const c_void,
    _: *const MIB_IPINTERFACE_ROW,
    kind: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: the context is that of a registration that is not cancelled yet.
    unsafe { note(context, kind) };
}

unsafe extern "system" fn of_address(
    context: *const c_void,
    _: *const MIB_UNICASTIPADDRESS_ROW,
    kind: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: as above.
    unsafe { note(context, kind) };
}

/// # Safety
/// `context` is null or valid notices.
unsafe fn note(context: *const c_void, kind: MIB_NOTIFICATION_TYPE) {
    // SAFETY: as the caller promises.
    unsafe { context.cast::<Notices>().as_ref() }
        .into_iter()
        .for_each(|notices| notices.note(kind));
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use windows_sys::Win32::NetworkManagement::IpHelper::{
        MibAddInstance, MibParameterNotification,
    };

    use super::*;

    fn registered() -> Registration {
        Registration::new(|_, _| ERROR_SUCCESS).expect("it succeeds")
    }

    /// Calls back as Windows does.
    fn call_back(registration: &Registration, kind: MIB_NOTIFICATION_TYPE) {
        let context = Arc::as_ptr(&registration.notices).cast();
        // SAFETY: the context is the registration's, which lives.
        unsafe { of_address(context, ptr::null(), kind) };
    }

    #[test]
    fn changes_are_told_once_and_wake_who_waits() {
        let (interfaces, addresses) = (Some(registered()), Some(registered()));
        let otherwise = Recheck::new();
        let mut watch = InterfaceWatch { interfaces, addresses, otherwise };
        let woken = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&woken);
        watch.wake_by(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let each = |watch: &InterfaceWatch, kind| {
            let both = [&watch.interfaces, &watch.addresses].into_iter().flatten();
            both.for_each(|registration| call_back(registration, kind));
        };
        each(&watch, MibInitialNotification);
        assert!(!watch.changed());
        assert_eq!(woken.load(Ordering::Relaxed), 0);

        each(&watch, MibParameterNotification);
        assert!(watch.changed());
        assert!(!watch.changed(), "told already");
        assert_eq!(woken.load(Ordering::Relaxed), 2);

        call_back(watch.addresses.as_ref().expect("registered"), MibAddInstance);
        assert!(watch.changed());
    }

    #[test]
    fn what_changed_before_somebody_waits_wakes_too() {
        let registration = registered();
        call_back(&registration, MibAddInstance);
        let woken = Arc::new(AtomicBool::new(false));
        let note = Arc::clone(&woken);
        let wake: Wake = Arc::new(move || note.store(true, Ordering::Relaxed));
        registration.notices.wake_by(&wake);
        assert!(woken.load(Ordering::Relaxed));
    }

    #[test]
    fn a_watch_begins_and_ends() {
        let mut watch = InterfaceWatch::new().expect("it never fails");
        watch.changed();
    }
}

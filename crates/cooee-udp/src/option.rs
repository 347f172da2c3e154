//! Socket options that no library reads as they are.

use std::io;
use std::os::fd::AsRawFd;

/// The value of a socket option, if the system gives exactly one. `empty` is where it is put.
///
/// # Safety
/// Any bytes are a `T`, as of plain integers.
pub(crate) unsafe fn socket_option<T>(
    socket: &impl AsRawFd,
    name: libc::c_int,
    empty: T,
) -> Option<T> {
    let mut value = empty;
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is writable for `length` bytes, the kernel writes no more than that, and what
    // it writes is a `T`, as this function requires.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            name,
            (&raw mut value).cast(),
            &raw mut length,
        )
    };
    (result == 0 && length as usize == size_of::<T>()).then_some(value)
}

/// The values of a socket option that is a list, up to as many as `room` holds; `None` if there are
/// more, or none are told.
///
/// # Safety
/// Any bytes are a `T`, as of plain integers.
pub(crate) unsafe fn socket_option_list<'r, T>(
    socket: &impl AsRawFd,
    name: libc::c_int,
    room: &'r mut [T],
) -> Option<&'r [T]> {
    let mut length = size_of_val(room) as libc::socklen_t;
    // SAFETY: `room` is writable for `length` bytes, the kernel writes no more than that, and what
    // it writes are `T`, as this function requires.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            name,
            room.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if result == 0 { room.get(..length as usize / size_of::<T>()) } else { None }
}

/// Turns an option on whose value is an integer.
pub(crate) fn enable(
    socket: &impl AsRawFd,
    level: libc::c_int,
    name: libc::c_int,
) -> io::Result<()> {
    turn(socket, level, name, true)
}

/// Turns an option on or off whose value is an integer.
pub(crate) fn turn(
    socket: &impl AsRawFd,
    level: libc::c_int,
    name: libc::c_int,
    on: bool,
) -> io::Result<()> {
    let on = libc::c_int::from(on);
    // SAFETY: the option's value is an integer, which `on` is.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

use std::ffi::c_void;
use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_BUFFER_OVERFLOW, ERROR_INSUFFICIENT_BUFFER, ERROR_SUCCESS,
};

/// What a call of the IP Helper library wrote, aligned for every structure of it.
pub(crate) struct Table {
    words: Vec<u64>,
}

impl Table {
    /// Room for the tables of most hosts.
    const SIZE: u32 = 16 << 10;
    /// The table may grow between two questions, but not for ever.
    const ATTEMPTS: usize = 8;

    /// Asks until there is room. `ask` gets a buffer and its size in bytes, writes into it or sets
    /// the size that it needs, and returns the system's error.
    ///
    /// # Errors
    /// As the system says.
    pub(crate) fn fill(mut ask: impl FnMut(*mut c_void, &mut u32) -> u32) -> io::Result<Self> {
        let mut size = Self::SIZE;
        for _ in 0..Self::ATTEMPTS {
            let mut words = vec![0_u64; size.div_ceil(8) as usize];
            match ask(words.as_mut_ptr().cast(), &mut size) {
                ERROR_SUCCESS => return Ok(Self { words }),
                ERROR_BUFFER_OVERFLOW | ERROR_INSUFFICIENT_BUFFER => {}
                error => return Err(io::Error::from_raw_os_error(error.cast_signed())),
            }
        }
        Err(io::Error::from_raw_os_error(ERROR_BUFFER_OVERFLOW.cast_signed()))
    }

    /// Where it begins.
    pub(crate) fn start<T>(&self) -> *const T {
        self.words.as_ptr().cast()
    }

    /// The same as numbers of 32 bits, of which the tables of sockets consist.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        let bytes = self.words.iter().flat_map(|word| word.to_ne_bytes().into_iter());
        let bytes: Vec<u8> = bytes.collect();
        let numbers = bytes.chunks_exact(4);
        numbers.map(|four| u32::from_ne_bytes([four[0], four[1], four[2], four[3]])).collect()
    }
}

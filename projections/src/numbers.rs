//! Numbers as short as they are: seven bits a byte, lowest first, the high bit set on all but the last.
//!
//! Signed numbers are folded first, so that those near zero are short on both sides: 0, -1, 1, -2 become 0, 1, 2, 3.

use choai_engine::Fault;

/// Appends a number.
pub(crate) fn put_u64(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number that may be below zero.
pub(crate) fn put_i64(out: &mut Vec<u8>, number: i64) {
    put_u64(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// Appends an amount of money.
pub(crate) fn put_i128(out: &mut Vec<u8>, number: i128) {
    let mut folded = ((number << 1) ^ (number >> 127)).cast_unsigned();
    while folded > 0x7f {
        out.push(folded as u8 | 0x80);
        folded >>= 7;
    }
    out.push(folded as u8);
}

/// Reads a number off the front of `from`.
///
/// # Errors
/// [`Fault::Undecodable`] if none is there, or a larger one.
pub(crate) fn take_u64(from: &mut &[u8]) -> Result<u64, Fault> {
    u64::try_from(take(from)?).map_err(|_| undecodable())
}

/// Reads a number off the front of `from` that may be below zero.
///
/// # Errors
/// As [`take_u64`].
pub(crate) fn take_i64(from: &mut &[u8]) -> Result<i64, Fault> {
    let folded = take_u64(from)?;
    Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
}

/// Reads an amount of money off the front of `from`.
///
/// # Errors
/// As [`take_u64`].
pub(crate) fn take_i128(from: &mut &[u8]) -> Result<i128, Fault> {
    let folded = take(from)?;
    Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
}

/// Reads so many bytes off the front of `from`.
///
/// # Errors
/// [`Fault::Undecodable`] if there are fewer.
pub(crate) fn take_bytes<'a>(from: &mut &'a [u8], count: usize) -> Result<&'a [u8], Fault> {
    let (taken, rest) = from.split_at_checked(count).ok_or_else(undecodable)?;
    *from = rest;
    Ok(taken)
}

fn take(from: &mut &[u8]) -> Result<u128, Fault> {
    let mut number = 0;
    for shift in (0..u128::BITS).step_by(7) {
        let (byte, rest) = from.split_first().ok_or_else(undecodable)?;
        *from = rest;
        let bits = u128::from(byte & 0x7f);
        // The last byte of the longest number has room for two bits only.
        if bits << shift >> shift != bits {
            return Err(undecodable());
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(undecodable())
}

fn undecodable() -> Fault {
    Fault::Undecodable("a number in a read model's block".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_number_is_read_back_and_nothing_else(a in any::<u64>(), b in any::<i64>(), c in any::<i128>(), shift in 0..128u32) {
            let (a, b, c) = (a >> (shift / 2), b >> (shift / 2), c >> shift);
            let mut bytes = Vec::new();
            put_u64(&mut bytes, a);
            put_i64(&mut bytes, b);
            put_i128(&mut bytes, c);
            let from = &mut &bytes[..];
            prop_assert_eq!((take_u64(from).unwrap(), take_i64(from).unwrap(), take_i128(from).unwrap()), (a, b, c));
            prop_assert!(from.is_empty());
        }
    }

    #[test]
    fn small_numbers_are_short() {
        for (number, length) in [(0, 1), (-1, 1), (63, 1), (-64, 1), (64, 2), (i64::MAX, 10), (i64::MIN, 10)]
        {
            let mut bytes = Vec::new();
            put_i64(&mut bytes, number);
            assert_eq!(bytes.len(), length, "{number}");
            assert_eq!(take_i64(&mut &bytes[..]).unwrap(), number);
        }
    }

    #[test]
    fn what_is_no_number_is_a_fault() {
        for bytes in [&[][..], &[0x80], &[0xff; 18], &[0xff; 19], &[0xff; 40]] {
            assert!(take_i128(&mut &bytes[..]).is_err(), "{bytes:?}");
        }
        assert!(take_u64(&mut &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2][..]).is_err());
    }
}

//! FNV-1a in two sizes: checksums of files, keys of cached vectors. Neither guards against an attacker.

/// Over little-endian 64-bit words (the last one padded with zeros), then the length.
pub(crate) fn words(data: &[u8]) -> u64 {
    let step = |value: u64, word: u64| (value ^ word).wrapping_mul(0x0100_0000_01b3);
    let (words, rest) = data.as_chunks::<8>();
    let mut value = words.iter().fold(0xcbf2_9ce4_8422_2325, |v, w| step(v, u64::from_le_bytes(*w)));
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        value = step(value, u64::from_le_bytes(last));
    }
    step(value, data.len() as u64)
}

/// 128 bits over bytes, each part followed by a mark, so that `["ab"]` and `["a", "b"]` differ.
pub(crate) fn key(parts: &[&str]) -> u128 {
    const PRIME: u128 = (1 << 88) + 0x13b;
    let step = |value: u128, byte: u8| (value ^ u128::from(byte)).wrapping_mul(PRIME);
    parts.iter().flat_map(|p| p.bytes().chain([0xff])).fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, step)
}

//! A logarithm that is fast, and the same on every platform.

/// Natural logarithm of a positive, finite, normal `x`; error below 2e-6 relative to max(1, |ln x|).
///
/// ln x = e ln 2 + ln m with m in [√½, √2), and ln m = 2 artanh((m−1)/(m+1)) by its series.
#[inline]
pub(crate) fn ln(x: f32) -> f32 {
    let bits = x.to_bits().wrapping_sub(0x3f35_04f3);
    let exponent = (bits as i32) >> 23;
    let m = f32::from_bits((bits & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    let z = (m - 1.0) / (m + 1.0);
    let z2 = z * z;
    let series = 2.0 * z * (1.0 + z2 * (1.0 / 3.0 + z2 * (0.2 + z2 * (1.0 / 7.0))));
    exponent as f32 * std::f32::consts::LN_2 + series
}

#[cfg(test)]
mod tests {
    #[test]
    fn ln_is_close_to_the_real_one() {
        let mut x = 1e-30f32;
        while x < 1e30 {
            let want = x.ln();
            assert!((super::ln(x) - want).abs() <= 2e-6 * want.abs().max(1.0), "{x}");
            x *= 1.0173;
        }
    }
}

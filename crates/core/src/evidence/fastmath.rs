//! Logarithms, powers and dot products that are fast, and the same on every platform.

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

/// The same for f64, as the dynamic program needs it; error below 1e-11 relative to max(1, |ln x|).
#[inline]
pub(crate) fn ln_f64(x: f64) -> f64 {
    let bits = x.to_bits().wrapping_sub(0x3fe6_a09e_667f_3bcd);
    let exponent = (bits as i64) >> 52;
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(0x3fe6_a09e_667f_3bcd));
    let z = (m - 1.0) / (m + 1.0);
    let z2 = z * z;
    let series = 1.0 / 7.0 + z2 * (1.0 / 9.0 + z2 * (1.0 / 11.0 + z2 * (1.0 / 13.0)));
    let series = 2.0 * z * (1.0 + z2 * (1.0 / 3.0 + z2 * (0.2 + z2 * series)));
    exponent as f64 * std::f64::consts::LN_2 + series
}

/// eˣ for x ≤ 700, relative error below 1e-9; 0 below −700.
///
/// eˣ = 2ᵏ eʳ with |r| ≤ ½ ln 2 and eʳ by its series.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    // Adding and taking away 1.5 · 2⁵² rounds to a whole number.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = x - k * std::f64::consts::LN_2;
    let high = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0 + r * (1.0 / 40320.0))));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * high)));
    // k stands in the last bits of `rounded`; the others are shifted out.
    series * f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52)
}

/// eˣ for x ≤ 80, and e⁸⁰ above, relative error below 4e-7; 0 below −80.
#[inline]
pub(crate) fn exp_f32(x: f32) -> f32 {
    // Adding and taking away 1.5 · 2²³ rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let bounded = x.clamp(-80.0, 80.0);
    let rounded = bounded * std::f32::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    // ln 2 in two parts, of which the first times k is exact.
    let r = (bounded - k * 0.693_359_4) + k * 2.121_944_4e-4;
    let high = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * high)));
    let value = series * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23);
    if x < -80.0 { 0.0 } else { value }
}

/// Dot product in 16 lanes, added in a fixed order.
#[inline]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 16];
    let (ca, cb) = (a.chunks_exact(16), b.chunks_exact(16));
    let tail: f32 = ca.remainder().iter().zip(cb.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in ca.zip(cb) {
        for k in 0..16 {
            lanes[k] += x[k] * y[k];
        }
    }
    lanes.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    #[test]
    fn exp_and_ln_f64_are_close_to_the_real_ones() {
        let mut x = 1e-300f64;
        while x < 1e300 {
            let want = x.ln();
            assert!((super::ln_f64(x) - want).abs() <= 1e-11 * want.abs().max(1.0), "{x}");
            x *= 1.0173;
        }
        for k in -70_000..7_000 {
            let x = f64::from(k) * 0.009_99;
            assert!((super::exp(x) / x.exp() - 1.0).abs() < 1e-9, "{x}");
        }
        for k in -8_000..=8_000 {
            let x = k as f32 * 0.01;
            assert!((f64::from(super::exp_f32(x)) / f64::from(x).exp() - 1.0).abs() < 4e-7, "{x}");
        }
        assert_eq!((super::exp_f32(-80.1), super::exp_f32(f32::NEG_INFINITY), super::exp_f32(0.0)), (0.0, 0.0, 1.0));
        assert_eq!((super::exp(-701.0), super::exp(f64::NEG_INFINITY), super::exp(0.0)), (0.0, 0.0, 1.0));
    }

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

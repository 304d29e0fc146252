//! Numbers out of safetensors and NumPy files.

use std::io::Read;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::Error;

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Io { path: path.into(), source })
}

pub(crate) fn wrong(path: &Path, reason: impl Into<String>) -> Error {
    Error::Model { path: path.into(), reason: reason.into() }
}

/// What is often wrong with a file that safetensors cannot read.
pub(crate) const WHOLE: &str = "; is it whole, or was a download cut off?";

/// The tensors of a safetensors file.
pub(crate) fn tensors<'a>(path: &Path, data: &'a [u8]) -> Result<SafeTensors<'a>, Error> {
    SafeTensors::deserialize(data).map_err(|e| wrong(path, format!("{e}{WHOLE}")))
}

/// A matrix of numbers.
#[derive(Debug, PartialEq)]
pub(crate) struct Matrix {
    pub(crate) columns: usize,
    pub(crate) data: Vec<f32>,
}

/// The values of a tensor as `f32`, whatever they are stored as.
pub(crate) fn floats(path: &Path, name: &str, tensor: &TensorView<'_>) -> Result<Vec<f32>, Error> {
    decode(tensor.data(), tensor.dtype())
        .ok_or_else(|| wrong(path, format!("tensor {name} holds {:?}: store it as F32, F16 or BF16", tensor.dtype())))
}

fn decode(data: &[u8], dtype: Dtype) -> Option<Vec<f32>> {
    fn each<const N: usize>(data: &[u8], f: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        data.as_chunks::<N>().0.iter().map(|b| f(*b)).collect()
    }
    Some(match dtype {
        Dtype::F64 => each(data, |b| f64::from_le_bytes(b) as f32),
        Dtype::F32 => each(data, f32::from_le_bytes),
        Dtype::BF16 => each(data, |b| f32::from_bits(u32::from(u16::from_le_bytes(b)) << 16)),
        Dtype::F16 => each(data, |b| half(u16::from_le_bytes(b))),
        Dtype::I8 => each(data, |b: [u8; 1]| f32::from(b[0].cast_signed())),
        Dtype::I64 => each(data, |b| i64::from_le_bytes(b) as f32),
        _ => return None,
    })
}

/// IEEE 754 binary16 to binary32, exactly.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        e => (1024.0 + fraction) * 2f32.powi(e - 25),
    }
}

/// What the beginning of a `.npy` file says of its values.
struct Npy {
    dtype: Dtype,
    rows: usize,
    columns: usize,
    /// Where the values begin.
    body: usize,
}

/// Bytes that hold the header of a `.npy` file, as numpy writes it; others are read as a whole.
const NPY_HEADER: u64 = 1 << 12;

/// Values a row of the matrix in a `.npy` file, of which no more than the beginning is read.
pub(crate) fn npy_columns(path: &Path) -> Result<usize, Error> {
    let unreadable = |source| Error::Io { path: path.into(), source };
    let mut head = Vec::new();
    std::fs::File::open(path).and_then(|f| f.take(NPY_HEADER).read_to_end(&mut head)).map_err(unreadable)?;
    let header = npy_header(path, &head);
    if header.is_err() && head.len() as u64 == NPY_HEADER {
        return Ok(npy_header(path, &read(path)?)?.columns);
    }
    Ok(header?.columns)
}

fn not_npy(path: &Path, what: &str) -> Error {
    wrong(path, format!("{what}: save a 2-dimensional float32 array with numpy.save"))
}

/// The matrix of a `.npy` file (NumPy format 1 to 3): two dimensions, floats, rows one after the other.
pub(crate) fn npy(path: &Path, data: &[u8]) -> Result<Matrix, Error> {
    let Npy { dtype, rows, columns, body } = npy_header(path, data)?;
    let data = decode(&data[body..], dtype).unwrap_or_default();
    if Some(data.len()) != rows.checked_mul(columns) {
        let found = data.len();
        return Err(not_npy(path, &format!("it has {found} values, its shape says {rows} × {columns}")));
    }
    Ok(Matrix { columns, data })
}

fn npy_header(path: &Path, data: &[u8]) -> Result<Npy, Error> {
    let bad = |what: &str| not_npy(path, what);
    let rest = data.strip_prefix(b"\x93NUMPY").ok_or_else(|| bad("it is no .npy file"))?;
    let (size, rest) = match rest {
        [1, _, a, b, rest @ ..] => (u32::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]), rest),
        _ => return Err(bad("its version is unknown")),
    };
    let (header, values) = rest.split_at_checked(size as usize).ok_or_else(|| bad("its header is cut off"))?;
    let header = std::str::from_utf8(header).map_err(|_| bad("its header is no text"))?;
    let field = |name: &str| header.split_once(name).map(|(_, v)| v.trim_start_matches([':', ' ', '\'', '"']));
    let dtype = match field("'descr'").map(|d| d.split(['\'', '"', ',']).next().unwrap_or_default()) {
        Some("<f4") => Dtype::F32,
        Some("<f2") => Dtype::F16,
        Some("<f8") => Dtype::F64,
        other => return Err(bad(&format!("its values are {}", other.unwrap_or("of no known type")))),
    };
    if field("'fortran_order'").is_some_and(|f| f.starts_with("True")) {
        return Err(bad("its columns stand one after the other (fortran_order)"));
    }
    let shape = field("'shape'").and_then(|s| s.trim_start_matches('(').split_once(')')).map_or("", |(s, _)| s);
    let shape: Option<Vec<usize>> =
        shape.split(',').map(str::trim).filter(|n| !n.is_empty()).map(|n| n.parse().ok()).collect();
    let Some([rows, columns]) = shape.as_deref() else { return Err(bad("it has not two dimensions")) };
    Ok(Npy { dtype, rows: *rows, columns: *columns, body: data.len() - values.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for (bits, want) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (1, 5.960_464_5e-8), (0x7bff, 65504.0)]
        {
            assert_eq!(half(bits), want);
        }
    }

    #[test]
    fn npy_files() {
        let file = |header: &str, body: &[u8]| {
            let mut data = b"\x93NUMPY\x01\x00".to_vec();
            data.extend((header.len() as u16).to_le_bytes());
            data.extend(header.bytes().chain(body.iter().copied()));
            npy(Path::new("x.npy"), &data)
        };
        let body: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let ok = file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", &body).unwrap();
        assert_eq!(ok, Matrix { columns: 3, data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] });
        for (header, want) in [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", "its shape says 2 × 4"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", "not two dimensions"),
            ("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }", "its values are <i8"),
            ("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "fortran_order"),
        ] {
            let error = file(header, &body).unwrap_err().to_string();
            assert!(error.contains(want) && error.contains("x.npy"), "{error}");
        }
    }
}

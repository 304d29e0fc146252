//! Embeds lines: `embed [builtin|PATH] < lines > vectors`, little-endian f32, a row a line; times on standard error.
//!
//! The measurements of docs/encoder.md use it.

use std::io::{Read, Write};
use std::time::Instant;

use hexapla_encoder::{EncoderChoice, load};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let choice = std::env::args().nth(1).unwrap_or_else(|| "builtin".into());
    let jobs = std::env::var("JOBS").ok().and_then(|j| j.parse().ok()).unwrap_or(0);
    let start = Instant::now();
    let loaded = load(&EncoderChoice::from(choice.as_str()), None)?.ok_or("no encoder")?;
    let encoder = loaded.encoder();
    let ready = start.elapsed();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let lines: Vec<&str> = text.lines().collect();
    let mut features = vec![0.0; lines.len() * encoder.feature_dim()];
    let mut vectors = vec![0.0; lines.len() * encoder.dim()];
    let (encoded, projected) = hexapla_core::parallel::with_jobs(jobs, || -> Result<_, hexapla_core::Error> {
        let start = Instant::now();
        encoder.features(&lines, &mut features)?;
        let encoded = start.elapsed();
        encoder.project(&features, &mut vectors)?;
        Ok((encoded, start.elapsed() - encoded))
    })??;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for v in &vectors {
        out.write_all(&v.to_le_bytes())?;
    }
    let total = (encoded + projected).as_secs_f64();
    eprintln!(
        "{}: loaded in {:.1} ms; {} lines: features {:.3} s, project {:.3} s, {:.0} lines/s",
        encoder.id(),
        ready.as_secs_f64() * 1e3,
        lines.len(),
        encoded.as_secs_f64(),
        projected.as_secs_f64(),
        lines.len() as f64 / total
    );
    Ok(())
}

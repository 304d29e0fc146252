//! `hexapla eval segmentation`: boundaries against gold, equal to the reference scorer.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hexapla_core::Language;
use hexapla_core::segment::{BoundaryCounts, Newlines};
use serde::Deserialize;
use serde_json::json;

use super::segment::{Paragraphs, lines};
use crate::args::EvalSegmentationArgs;
use crate::cutting::Cutting;
use crate::error::{Error, Outcome};

/// A paragraph of gold.
#[derive(Deserialize)]
struct Gold {
    text: String,
    lang: Option<String>,
    starts: Vec<usize>,
}

/// A paragraph as predicted.
#[derive(Deserialize)]
struct Predicted {
    starts: Vec<usize>,
}

/// Runs the command.
pub(crate) fn run(args: EvalSegmentationArgs) -> Result<Outcome, Error> {
    let cutting = Cutting::resolve(args.cutting.clone())?;
    if let Some(p) = args.predictions.as_ref().filter(|p| p.len() != args.files.len()) {
        let (gold_path, path) = (args.files[0].clone(), p[0].clone());
        return Err(Error::PredictionCount { gold_path, gold: args.files.len(), path, predicted: p.len() });
    }
    let mut rows = Vec::new();
    for (k, path) in args.files.iter().enumerate() {
        let predictions = args.predictions.as_ref().map(|p| p[k].as_path());
        rows.push((path, file(path, predictions, &cutting)?));
    }
    tell(&rows, args.json)?;
    let good = |c: &BoundaryCounts| args.min_f1.is_none_or(|least| c.f1() >= f64::from(least));
    Ok(if rows.iter().all(|(_, c)| good(c)) { Outcome::Done } else { Outcome::GateFailed })
}

/// Scores one file.
fn file(path: &Path, predictions: Option<&Path>, cutting: &Cutting) -> Result<BoundaryCounts, Error> {
    let gold: Vec<Gold> = read(path)?;
    let mut total = BoundaryCounts::default();
    if let Some(predictions) = predictions {
        let predicted: Vec<Predicted> = read(predictions)?;
        if predicted.len() != gold.len() {
            return Err(Error::PredictionCount {
                gold_path: path.to_owned(),
                gold: gold.len(),
                path: predictions.to_owned(),
                predicted: predicted.len(),
            });
        }
        for (g, p) in gold.iter().zip(&predicted) {
            total += BoundaryCounts::of(&g.text, &g.starts, &p.starts);
        }
        return Ok(total);
    }
    let mut cutter = Paragraphs::new(cutting, Newlines::Auto);
    for (k, g) in gold.iter().enumerate() {
        let wrong = |reason| Error::JsonLine { path: path.to_owned(), line: k + 1, reason };
        let language = g.lang.as_deref().map(Language::parse).transpose().map_err(|e| wrong(e.to_string()))?;
        total += BoundaryCounts::of(&g.text, &g.starts, &cutter.starts(&g.text, language)?);
    }
    Ok(total)
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>, Error> {
    let mut out = Vec::new();
    for (k, line) in lines(path)?.enumerate() {
        let line = line.map_err(|source| hexapla_formats::Error::Read { path: path.to_owned(), source })?;
        let wrong = |e: serde_json::Error| Error::JsonLine {
            path: path.to_owned(),
            line: k + 1,
            reason: format!("{e}; expected {{\"text\": …, \"starts\": […]}}"),
        };
        out.push(serde_json::from_str(&line).map_err(wrong)?);
    }
    Ok(out)
}

/// Prints a line a file, as the reference scorer does, and the means over files.
fn tell(rows: &[(&PathBuf, BoundaryCounts)], json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mean = rows.iter().map(|(_, c)| c.f1()).sum::<f64>() / rows.len() as f64;
    if json {
        let files: Vec<_> = rows
            .iter()
            .map(|(path, c)| {
                json!({
                    "file": path.display().to_string(), "precision": c.precision(), "recall": c.recall(), "f1": c.f1(),
                    "exact": c.exact, "paragraphs": c.paragraphs, "hits": c.hits, "wrong": c.wrong, "missed": c.missed,
                })
            })
            .collect();
        return writeln!(out, "{}", json!({ "files": files, "macro_f1": mean }));
    }
    let width = rows.iter().map(|(p, _)| p.display().to_string().chars().count()).max().unwrap_or(0);
    for (path, c) in rows {
        let name = path.display().to_string();
        let (p, r, f) = (c.precision(), c.recall(), c.f1());
        writeln!(out, "{name:width$}  P {p:.4} R {r:.4} F1 {f:.4} exact {}/{}", c.exact, c.paragraphs)?;
    }
    if rows.len() > 1 {
        writeln!(out, "macro F1 {mean:.4} over {} files", rows.len())?;
    }
    Ok(())
}

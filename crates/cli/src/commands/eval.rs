//! `hexapla eval`: aligns gold sets, or takes predictions, and scores them.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use hexapla_core::calibration::Calibration;
use hexapla_core::encode::Meaning;
use hexapla_core::evaluate::{Links, Scores, score};
use hexapla_core::{AlignOptions, Alignment, Knowledge, align, parallel};
use hexapla_encoder::Loaded;
use hexapla_formats::read::beads;

use crate::args::{EvalArgs, EvalCommand};
use crate::encoder;
use crate::error::{Error, Outcome};
use crate::eval::gold::{self, Gold, Place};
use crate::eval::table::{self, Row};
use crate::job::align_options;
use crate::known;

/// Runs the command.
pub(crate) fn run(args: EvalArgs) -> Result<Outcome, Error> {
    if let Some(EvalCommand::Segmentation(args)) = args.other {
        return super::eval_segmentation::run(args);
    }
    let mut places = Vec::new();
    for root in &args.gold {
        places.extend(gold::find(root)?);
    }
    if let Some(langs) = args.langs.as_ref().filter(|l| l.len() != 2) {
        return Err(Error::LangsCount { langs: langs.len(), files: 2 });
    }
    let mut beads = args.predictions.iter().chain(&args.write_predictions);
    if let Some(path) = beads.find(|path| places.len() > 1 && path.is_file()) {
        return Err(Error::OneFile { path: path.clone(), documents: places.len() });
    }
    let encoder = match args.predictions {
        Some(_) => None,
        None => encoder::load(&args.encoder)?,
    };
    let (dictionary, _) = known::read_dictionaries(&args.dictionary)?;
    let knowledge = Knowledge { dictionary: Some(&dictionary).filter(|d| !d.is_empty()), ..Knowledge::default() };
    let scored = parallel::with_jobs(args.jobs, || {
        parallel::map(&places, |_, place| document(&args, place, encoder.as_ref(), knowledge))
    });
    let scored = scored.map_err(|reason| Error::Threads { jobs: args.jobs, reason })?;
    let mut rows: Vec<Row> = Vec::new();
    let mut total = Row { set: "total".into(), documents: 0, scores: Scores::default() };
    let mut calibration = Calibration::default();
    for (place, scores) in places.iter().zip(scored) {
        let (scores, confidences) = scores?;
        calibration.add(&confidences);
        if rows.last().is_none_or(|r| r.set != place.set) {
            rows.push(Row { set: place.set.clone(), documents: 0, scores: Scores::default() });
        }
        if let Some(row) = rows.last_mut() {
            row.documents += 1;
            row.scores.add(&scores);
        }
        total.documents += 1;
        total.scores.add(&scores);
    }
    tell(&args, &rows, &total, Some(&calibration).filter(|_| args.calibration))?;
    Ok(gate(&args, &rows))
}

/// Scores one document.
fn document(
    args: &EvalArgs,
    place: &Place,
    encoder: Option<&Loaded>,
    knowledge: Knowledge<'_>,
) -> Result<(Scores, Calibration), Error> {
    let gold = place.read(args.langs.as_deref())?;
    let (mut calibration, mut confidences) = (Calibration::default(), Vec::new());
    let predicted = match &args.predictions {
        Some(folder) => beads::read(&prediction(folder.clone(), place))?,
        None => {
            let mut options = align_options(args.moved);
            options.without.clone_from(&args.without);
            options.temperature = args.temperature.unwrap_or(options.temperature);
            options.slope = args.slope.or(options.slope);
            options.unexplained = args.unexplained.unwrap_or(options.unexplained);
            let beads = aligned(place, &gold, encoder, knowledge, &options)?.beads;
            let beads: Vec<(Links, f32)> = beads.into_iter().map(|b| ((b.source, b.target), b.confidence)).collect();
            if gold.keys.is_none() {
                calibration = Calibration::of(&gold.beads, &beads);
            }
            confidences = beads.iter().map(|b| b.1).collect();
            beads.into_iter().map(|b| b.0).collect()
        }
    };
    if let Some(folder) = &args.write_predictions {
        write_predictions(&prediction(folder.clone(), place), &predicted, &confidences)?;
    }
    let keys = gold.keys.as_ref().map(|(s, t)| (refs(s), refs(t)));
    Ok((score(&gold.beads, &predicted, keys.as_ref().map(|(s, t)| (&s[..], &t[..]))), calibration))
}

fn refs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

fn aligned(
    place: &Place,
    gold: &Gold,
    encoder: Option<&Loaded>,
    knowledge: Knowledge<'_>,
    options: &AlignOptions,
) -> Result<Alignment, Error> {
    let named = |cause| Error::Align {
        source_path: place.folder.join("src.txt"),
        version: place.folder.join("tgt.txt"),
        cause,
    };
    let Some(encoder) = encoder else {
        return align(&gold.source, &gold.target, None, knowledge, options).map_err(named);
    };
    let features = |file: &str, document| {
        let path = place.folder.join(file);
        encoder.features(&path, document).map_err(|cause| Error::Features { path, cause })
    };
    let (source, target) = (features("src.txt", &gold.source)?, features("tgt.txt", &gold.target)?);
    let meaning = Meaning { encoder: encoder.encoder(), source: &source, target: &target };
    align(&gold.source, &gold.target, Some(meaning), knowledge, options).map_err(named)
}

/// Where a document's predictions lie under `folder`: the document's own path with `.beads` at its end; `folder` itself
/// where it is a file.
fn prediction(folder: PathBuf, place: &Place) -> PathBuf {
    if folder.is_file() {
        return folder;
    }
    let mut path = folder.join(&place.relative).into_os_string();
    path.push(".beads");
    path.into()
}

/// Writes `beads`, each with its confidence where there are `confidences`.
fn write_predictions(path: &std::path::Path, beads: &[Links], confidences: &[f32]) -> Result<(), Error> {
    let failed = |source| Error::File(hexapla_formats::Error::Write { path: path.to_owned(), source });
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut text = String::new();
    for (k, (s, t)) in beads.iter().enumerate() {
        let confidence = confidences.get(k).map(|c| format!(":{c:.4}")).unwrap_or_default();
        text.push_str(&format!("{s:?}:{t:?}{confidence}\n"));
    }
    fs::write(path, text).map_err(failed)
}

fn tell(args: &EvalArgs, rows: &[Row], total: &Row, calibration: Option<&Calibration>) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    if args.json {
        #[derive(serde::Serialize)]
        struct Answer<'a> {
            sets: &'a [Row],
            total: &'a Row,
            #[serde(skip_serializing_if = "Option::is_none")]
            calibration: Option<&'a Calibration>,
        }
        serde_json::to_writer(&mut out, &Answer { sets: rows, total, calibration }).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        table::print(rows, total, &mut out)?;
        if let Some(calibration) = calibration {
            table::calibration(calibration, &mut out)?;
        }
    }
    Ok(())
}

fn gate(args: &EvalArgs, rows: &[Row]) -> Outcome {
    let Some(least) = args.min_f1 else { return Outcome::Done };
    let mut outcome = Outcome::Done;
    for row in rows {
        let (what, counts) = row.main();
        if counts.f1() < f64::from(least) {
            // Where even standard error is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "{}: {what} F1 {:.4} is under {least}", row.set, counts.f1());
            outcome = Outcome::GateFailed;
        }
    }
    outcome
}

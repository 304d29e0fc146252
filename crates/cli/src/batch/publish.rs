//! The files that tell what a batch came to: `report.tsv` and `report.json` for programs, `report.html` (module `html`)
//! for people, `rejected/reasons.tsv` for whoever mends the corpus.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use hexapla_formats::output::Outputs;

use super::html;
use super::report::Report;
use crate::error::Error;

/// Writes all of `report` below `root`; each appears when it is whole.
///
/// # Errors
/// The first that cannot be written.
pub(crate) fn write(report: &Report<'_>, root: &Path) -> Result<(), Error> {
    let mut outputs = Outputs::new();
    let mut put = |name: &str, bytes: &[u8]| -> Result<(), Error> {
        let path = root.join(name);
        let mut file = outputs.create(&path)?;
        let written = file.write_all(bytes).and_then(|()| file.flush());
        written.map_err(|source| Error::File(hexapla_formats::Error::Write { path, source }))
    };
    let mut json = serde_json::to_vec_pretty(report).map_err(io::Error::from)?;
    json.push(b'\n');
    put("report.json", &json)?;
    put("report.tsv", report.table().as_bytes())?;
    put("report.html", html::page(report)?.as_bytes())?;
    let reasons = root.join("rejected/reasons.tsv");
    if report.totals.rejected + report.totals.failed > 0 {
        let folder = root.join("rejected");
        fs::create_dir_all(&folder)
            .map_err(|source| Error::File(hexapla_formats::Error::Write { path: folder, source }))?;
        put("rejected/reasons.tsv", report.reasons_table().as_bytes())?;
    } else if reasons.exists() {
        // From a run before the corpus was mended.
        fs::remove_file(&reasons)?;
    }
    Ok(outputs.publish()?)
}

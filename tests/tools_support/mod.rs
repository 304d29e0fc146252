//! Finding the tools, and driving OmegaT.

// Every test binary uses a part of this.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

pub(crate) mod omegat;

/// Whether a test can go on: says that it skips where a tool is missing, and fails where tools are required.
#[track_caller]
pub(crate) fn require(there: bool, tool: &str) -> bool {
    if !there {
        let required = std::env::var("HEXAPLA_REQUIRE_TOOLS").is_ok_and(|v| v == "1");
        assert!(!required, "{tool} is not installed, and HEXAPLA_REQUIRE_TOOLS=1 asks for it");
        println!("SKIPPED: {tool} is not installed");
    }
    there
}

/// A file or folder of what stands beside the repository: in `HEXAPLA_SHARED`, else beside the folder `HEXAPLA_GOLD`,
/// else in `../shared`.
#[track_caller]
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let named = |variable| std::env::var_os(variable).map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = named("HEXAPLA_SHARED").or_else(|| Some(named("HEXAPLA_GOLD")?.join(".."))).unwrap_or(beside);
    let path = folder.join(name);
    require(path.exists(), &format!("{name} of HEXAPLA_SHARED")).then_some(path)
}

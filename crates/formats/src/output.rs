//! Output files: checked before the work, written beside their target, renamed when all are whole.
//!
//! Not here: what is written into them (`write`).

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::Error;

/// Checks that a file can be written at `path`, without leaving a trace.
///
/// # Errors
/// Those of [`check_place`], and missing rights to the folder.
pub fn check(path: &Path) -> Result<(), Error> {
    check_place(path)?;
    if is_special(path) {
        return Ok(());
    }
    // A nameless file in the folder: the only sure way to learn whether it can be written.
    let made = tempfile::tempfile_in(folder_of(path));
    made.map(drop).map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// Checks that nothing stands in the way of a file at `path`, by looking only: for files that are written at once.
///
/// # Errors
/// [`Error::Write`] with the reason: a folder in the way, a folder that does not exist, a file that is write-protected.
pub fn check_place(path: &Path) -> Result<(), Error> {
    let fail = |source| Error::Write { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(m) if m.is_dir() => return Err(fail(io::ErrorKind::IsADirectory.into())),
        Ok(m) if !m.is_file() => return Ok(()),
        Ok(m) if m.permissions().readonly() => {
            return Err(fail(io::Error::other(
                "it is write-protected; choose another name or allow writing (chmod u+w)",
            )));
        }
        Ok(_) | Err(_) => {}
    }
    let folder = folder_of(path);
    match fs::metadata(folder) {
        Ok(m) if m.is_dir() => Ok(()),
        Ok(_) => Err(fail(io::Error::other(format!("{} is a file, not a folder", folder.display())))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let shown = folder.display();
            Err(fail(io::Error::other(format!(
                "the folder {shown} does not exist; make it first (mkdir -p '{shown}')"
            ))))
        }
        Err(e) => Err(fail(e)),
    }
}

/// The one path that all ways to write a file's name lead to, whether it exists or not.
pub fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| {
        let folder = fs::canonicalize(folder_of(path)).unwrap_or_else(|_| folder_of(path).to_owned());
        folder.join(path.file_name().unwrap_or_default())
    })
}

/// Whether a device or a pipe stands at `path`: it is written as it is, whatever its folder allows.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// A set of files that appear together: nothing stands under any of their names before [`Outputs::publish`].
///
/// Dropping the set without publishing leaves what was there before.
#[derive(Debug, Default)]
pub struct Outputs {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl Outputs {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a file that will become `path`, and returns its number in the set.
    ///
    /// What is no regular file (`/dev/stdout`, a named pipe) is written at once, without a temporary file.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn create(&mut self, path: &Path) -> Result<BufWriter<File>, Error> {
        let fail = |source| Error::Write { path: path.to_owned(), source };
        if is_special(path) {
            return OpenOptions::new().write(true).open(path).map(BufWriter::new).map_err(fail);
        }
        // A link stays a link: the file it points to is replaced.
        let target = real(path);
        if self.waiting.iter().any(|w| w.target == target) {
            return Err(fail(io::Error::other("another output of this run has the same name; choose another")));
        }
        let mut builder = Builder::new();
        builder.prefix(".hexapla-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let kept = fs::metadata(&target).map(|m| m.permissions().mode() & 0o777).unwrap_or(0o666);
            builder.permissions(fs::Permissions::from_mode(kept));
        }
        let temporary = builder.tempfile_in(folder_of(&target)).map_err(fail)?;
        let handle = temporary.as_file().try_clone().map_err(fail)?;
        self.waiting.push(Waiting { temporary, target });
        Ok(BufWriter::new(handle))
    }

    /// Gives a file that was created as `from` another name; for numbered parts, whose number is known at the end.
    pub fn rename(&mut self, from: &Path, to: &Path) {
        let from = real(from);
        if let Some(w) = self.waiting.iter_mut().find(|w| w.target == from) {
            w.target = real(to);
        }
    }

    /// Moves all files to their names.
    ///
    /// # Errors
    /// [`Error::Write`] for the first that could not be moved.
    pub fn publish(self) -> Result<(), Error> {
        for w in self.waiting {
            let path = w.target.clone();
            w.temporary.persist(&w.target).map_err(|e| Error::Write { path, source: e.error })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn nothing_appears_before_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.tsv");
        fs::write(&path, "old").unwrap();
        let mut outputs = Outputs::new();
        let mut file = outputs.create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        outputs.publish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_set_that_is_dropped_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let mut outputs = Outputs::new();
        outputs.create(&folder.path().join("out.tsv")).unwrap().write_all(b"half").unwrap();
        drop(outputs);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn no_name_is_given_twice_and_protected_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut outputs = Outputs::new();
        outputs.create(&folder.path().join("out.tsv")).unwrap();
        let twice = outputs.create(&folder.path().join("./out.tsv")).unwrap_err().to_string();
        assert!(twice.contains("another output of this run"), "{twice}");
        let kept = folder.path().join("kept.tsv");
        fs::write(&kept, "").unwrap();
        let mut rights = fs::metadata(&kept).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(&kept, rights).unwrap();
        assert!(check(&kept).unwrap_err().to_string().contains("write-protected"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_rights_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file.tsv"), folder.path().join("link.tsv"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut outputs = Outputs::new();
        outputs.create(&link).unwrap().write_all(b"new").unwrap();
        outputs.publish().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_needs_no_folder_that_takes_files() {
        use std::os::fd::AsRawFd;
        let (_reader, writer) = std::io::pipe().unwrap();
        let path = PathBuf::from(format!("/proc/self/fd/{}", writer.as_raw_fd()));
        check(&path).unwrap();
        assert!(check(&path.with_file_name("999999")).is_err(), "nobody makes files there");
    }

    #[test]
    fn a_missing_folder_is_named_with_its_mend() {
        let folder = tempfile::tempdir().unwrap();
        let error = check(&folder.path().join("no/out.tmx")).unwrap_err().to_string();
        assert!(error.contains("does not exist; make it first (mkdir -p '"), "{error}");
        assert!(check(folder.path()).unwrap_err().to_string().contains("it is a folder"));
        assert!(check(&folder.path().join("out.tmx")).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

//! Readers and writers of Hexapla, one file a format.
//!
//! Not here: which file is read or written, and by which flag: that is the command line's business.

//! Gold sets: folders of documents with a hand-made (or keyed) alignment.
//!
//! | module | does |
//! | --- | --- |
//! | `gold` | finds and reads documents: `src.txt`, `tgt.txt`, `gold.txt`, optional keys |
//! | `table` | the rows a person reads |

pub(crate) mod gold;
pub(crate) mod table;

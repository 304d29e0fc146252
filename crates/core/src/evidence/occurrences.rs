//! Where the types of a few segments occur: an index that is made anew for every place, without clearing it.

/// Occurrences of token types in a stretch of text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Occurrences {
    /// Of each type: its first occurrence, and the stretch that it is of.
    first: Vec<(u32, u32)>,
    stretch: u32,
    /// Of each token: the next of its type.
    next: Vec<u32>,
}

const END: u32 = u32::MAX;

impl Occurrences {
    /// Forgets what was, and looks at the tokens `ids`, each below `types`.
    pub(crate) fn index(&mut self, ids: &[u32], types: usize) {
        if self.first.len() < types || self.stretch == u32::MAX {
            self.first = vec![(END, 0); types];
            self.stretch = 0;
        }
        self.stretch += 1;
        self.next.clear();
        self.next.resize(ids.len(), END);
        for (at, &t) in ids.iter().enumerate().rev() {
            let (first, stretch) = self.first[t as usize];
            if stretch == self.stretch {
                self.next[at] = first;
            }
            self.first[t as usize] = (at as u32, self.stretch);
        }
    }

    /// Where `t` occurs in the stretch, ascending.
    #[inline]
    pub(crate) fn of(&self, t: u32) -> impl Iterator<Item = u32> + '_ {
        let (first, stretch) = self.first[t as usize];
        let mut at = if stretch == self.stretch { first } else { END };
        std::iter::from_fn(move || {
            let here = at;
            (here != END).then(|| {
                at = self.next[here as usize];
                here
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretch_before_is_forgotten() {
        let mut occurrences = Occurrences::default();
        occurrences.index(&[3, 1, 3, 3], 5);
        assert_eq!(occurrences.of(3).collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(occurrences.of(1).collect::<Vec<_>>(), [1]);
        occurrences.index(&[1, 4], 5);
        assert_eq!(occurrences.of(3).count(), 0);
        assert_eq!((occurrences.of(1).next(), occurrences.of(4).next()), (Some(0), Some(1)));
    }
}

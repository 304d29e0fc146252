//! Memory of segmentation: constant in the input, apart from the segments themselves.

// A counting allocator is the only way to see every byte.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use hexapla_core::segment::{SegmentOptions, Segmenter};
use hexapla_core::{Language, Segment};

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grown(bytes: usize) {
    PEAK.fetch_max(NOW.fetch_add(bytes, Ordering::Relaxed) + bytes, Ordering::Relaxed);
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it came; only numbers are kept.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        grown(size);
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Most bytes held while `text` is cut, without those of the segments; and how many segments there are.
fn held(segmenter: &Segmenter, text: &str) -> (usize, usize) {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let cut = segmenter.segment(text);
    let peak = PEAK.load(Ordering::Relaxed) - before;
    (peak - cut.capacity() * size_of::<Segment>(), cut.len())
}

#[test]
fn memory_is_constant_apart_from_the_segments() {
    for (tag, paragraph) in [
        ("en", "Dr. Hill came at 5 p.m. \u{201c}Stay!\u{201d} he said; nobody did. Why?\n\n"),
        ("ru", "Он жил на ул. Мира. — Кто там? — спросил он. Никто не ответил…\n\n"),
        ("zh", "他走了。她说：“别去！”没有人说话。\n\n"),
        ("th", "เขาไปตลาดแต่เช้า เธออยู่บ้าน ฝนตกหนัก ทุกคนรอ\n\n"),
    ] {
        let segmenter = Segmenter::new(&Language::parse(tag).unwrap(), SegmentOptions::default());
        held(&segmenter, paragraph);
        let (small, few) = held(&segmenter, &paragraph.repeat(1_000));
        let (large, many) = held(&segmenter, &paragraph.repeat(50_000));
        assert!(many >= 49 * few, "{tag}: {few} and {many} segments");
        assert!(large <= small + 1024 && large < 256 * 1024, "{tag}: {small} bytes, fifty times the text {large}");
        println!("{tag}: {small} bytes beside {few} segments, {large} beside {many}");
    }
}

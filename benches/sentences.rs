//! Text of any size for the benches of segmentation: generated English, Russian and Chinese, the same on every machine.

/// Sentences to draw from, and what stands between them.
pub(crate) const SOURCES: [(&str, &[&str], &str); 3] = [
    (
        "en",
        &[
            "The committee met at 5 p.m. on Monday to hear what Dr. Marsh had found in the archives of the old port.",
            "Nobody spoke!",
            "“We cannot wait,” she said, “for the U.S. government to decide.”",
            "Prices rose by 3.5 per cent in 1998, and No. 12 of the series sold out within a week.",
            "Why did the boats stay in the harbour?",
        ],
        " ",
    ),
    (
        "ru",
        &[
            "Комиссия собралась в понедельник, чтобы выслушать проф. А. И. Лебедева, работавшего в архивах старого порта.",
            "Никто не ответил!",
            "— Мы не можем ждать, — сказала она. — Пора решать.",
            "В 1998 г. цены выросли на 3,5 процента, и № 12 разошёлся за неделю.",
            "Почему лодки остались в гавани?",
        ],
        " ",
    ),
    (
        "zh",
        &[
            "委员会星期一开会，听取关于旧港口档案的报告，许多人从很远的地方赶来。",
            "没有人说话！",
            "她说：“我们不能再等了。”",
            "一九九八年价格上涨了百分之三点五，第十二期一周之内就卖完了。",
            "船为什么留在港口里？",
        ],
        "",
    ),
];

/// About `bytes` bytes of text in paragraphs of eight sentences.
pub(crate) fn generated(sentences: &[&str], between: &str, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 1024);
    // A fixed walk through the sentences (a linear congruence), the same on every machine.
    let mut state = 1usize;
    let mut count = 0;
    while text.len() < bytes {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        text.push_str(sentences[state / 65_536 % sentences.len()]);
        count += 1;
        text.push_str(if count % 8 == 0 { "\n\n" } else { between });
    }
    text
}

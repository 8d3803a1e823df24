// SPDX-License-Identifier: Apache-2.0
#include "davy/report/escape.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/report/fixture.h"
#include "davy/report/utf8.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

struct Row {
  std::string_view raw;
  std::string_view safe;
};

TEST(EscapeTerminal, ShowsWhatWouldMoveHideOrReverse) {
  const Row rows[] = {
      {"plain", "plain"},
      {"a\nb", "a\\x0ab"},
      {"\x1b]0;title\x07", "\\x1b]0;title\\x07"},
      {"a\u202eb", "a\\xe2\\x80\\xaeb"},
      {"soft\u00adhyphen", "soft\\xc2\\xadhyphen"},
      {"tag\U000e0041", "tag\\xf3\\xa0\\x81\\x81"},
      {"\u6f22\u5b57", "\u6f22\u5b57"},
      {"\xff", "\\xff"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(escape_terminal(row.raw), row.safe);
}

TEST(EscapeTerminal, CutsBetweenCharacters) {
  EXPECT_EQ(escape_terminal("ab\u6f22", 3), "ab\u2026");
  EXPECT_EQ(escape_terminal("ab\u6f22", 5), "ab\u6f22");
  EXPECT_EQ(escape_terminal("\x80\x80\x80", 2), "\u2026");  // no character boundary to cut at
}

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(escape_html("<a href=\"x\" b='y'>&amp;"),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
}

TEST(EscapeHtml, LeavesNoMarkupInAnyBytes) {
  EXPECT_TRUE(
      rc::check("no markup, no control character, valid UTF-8", [](const std::string& text) {
        const std::string safe = escape_html(text);
        RC_ASSERT(safe.find_first_of("<>\"'") == std::string::npos);
        RC_ASSERT(
            std::none_of(safe.begin(), safe.end(), [](char c) { return c >= 0 && c < 0x20; }));
        RC_ASSERT(valid_utf8(safe) == safe);
      }));
}

TEST(EscapeMarkdown, OpensNothing) {
  const Row rows[] = {
      {"[x](http://e)", "\\[x\\](http\\://e)"},
      {"![x](y)", "!\\[x\\](y)"},
      {"<script>", "&lt;script&gt;"},
      {"a|b", "a\\|b"},
      {"**b** _i_ a_b", "\\*\\*b\\*\\* \\_i\\_ a_b"},
      {"`code`", "\\`code\\`"},
      {"me@corp.example", "me\\[@\\]corp.example"},
      {"www.evil.example", "www\\.evil.example"},
      {"# title", "\\# title"},
      {"- item", "\\- item"},
      {"12. item", "12\\. item"},
      {"12 items.", "12 items."},
      {"$(id) $15", "\\$(id) $15"},
      {"a\nb", "a\\\\x0ab"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(escape_markdown(row.raw), row.safe);
}

TEST(MarkdownCode, CannotBeLeft) {
  EXPECT_EQ(markdown_code("a|b"), "`a\\|b`");
  EXPECT_EQ(markdown_code("a``b`c"), "```a``b`c```");
  EXPECT_EQ(markdown_code("`"), "`` ` ``");
  EXPECT_EQ(markdown_code(""), "");
}

TEST(EscapeCsv, IsNoFormulaAndOneField) {
  const Row rows[] = {
      {"plain", "plain"},    {"=1+1", "'=1+1"},
      {"+1", "'+1"},         {"-1", "'-1"},
      {"@x", "'@x"},         {" =1", "' =1"},
      {"a,b", "\"a,b\""},    {"say \"x\"", "\"say \"\"x\"\"\""},
      {"=a,b", "\"'=a,b\""},
  };
  for (const Row& row : rows)
    EXPECT_EQ(escape_csv(row.raw), row.safe);
}

TEST(ValidUtf8, ReplacesEachBadByte) {
  EXPECT_EQ(valid_utf8("a\xff\xc3z"), "a\ufffd\ufffdz");
  EXPECT_EQ(valid_utf8("\u6f22"), "\u6f22");
}

TEST(Defang, TakesTheLinkOutAndLeavesTheRest) {
  const std::vector<std::string> names = {"pool.supportxmr.com", "evil.example"};
  const Row rows[] = {
      {"to pool.supportxmr.com:3333", "to pool.supportxmr[.]com:3333"},
      {"eu.pool.supportxmr.com", "eu.pool.supportxmr[.]com"},
      {"notpool.supportxmr.com", "notpool.supportxmr.com"},
      {"pool.supportxmr.com.mine.example", "pool.supportxmr.com.mine.example"},
      {"EVIL.example.", "EVIL[.]example."},
      {"http://a.b/c", "hxxp[:]//a.b/c"},
      {"stratum+tcp://evil.example:1", "stratum+tcp[:]//evil[.]example:1"},
      {"185.143.221.89/config.json", "185.143.221[.]89/config.json"},
      {"10.0.0.5 and 172.31.0.9", "10.0.0.5 and 172.31.0.9"},
      {"version 1.2.3.4.5", "version 1.2.3.4.5"},
      {"999.1.1.1", "999.1.1.1"},
      {"config.json on c5.4xlarge", "config.json on c5.4xlarge"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(defang(row.raw, names), row.safe);
}

TEST(Defang, ActsOnWhatAnIndicatorIs) {
  EXPECT_EQ(defang({detect::IndicatorType::kDomain, "a.example"}), "a[.]example");
  EXPECT_EQ(defang({detect::IndicatorType::kIpPort, "185.143.221.89:3333"}),
            "185.143.221[.]89:3333");
  EXPECT_EQ(defang({detect::IndicatorType::kPool, "stratum+tcp://evil.example.net:3333"}),
            "stratum+tcp[:]//evil.example[.]net:3333");
  EXPECT_EQ(defang({detect::IndicatorType::kSourceIp, "185.143.221.89"}), "185.143.221[.]89");
  EXPECT_EQ(defang({detect::IndicatorType::kDomain, "a.example<b> http://c.example"}),
            "a[.]example<b> hxxp[:]//c.example");
  EXPECT_EQ(defang({detect::IndicatorType::kPath, "/tmp/a.b"}), "/tmp/a.b");
}

TEST(Wrap, KeepsToTheWidthWhateverTheText) {
  EXPECT_TRUE(rc::check("no line is wider, no character is lost", [](const std::string& text) {
    const std::string safe = escape_terminal(text);
    const size_t width = *rc::gen::inRange<size_t>(8, 60);
    std::string joined;
    for (const std::string& line : wrap(safe, width)) {
      RC_ASSERT(columns(line) <= width);
      joined += line;
    }
    const auto squeeze = [](std::string s) {
      s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
      return s;
    };
    RC_ASSERT(squeeze(joined) == squeeze(safe));
  }));
}

TEST(Columns, CountWideAndCombiningCharacters) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("\u6f22\u5b57"), 4u);
  EXPECT_EQ(columns("e\u0301"), 1u);
  EXPECT_EQ(fit_left("\u6f22\u5b57\u6f22", 4), "\u6f22\u2026 ");
  EXPECT_EQ(fit_right("7", 3), "  7");
}

TEST(Span, LastsWhatStandsBetweenItsEnds) {
  const auto at = [](const char* text) { return *parse_rfc3339(text); };
  EXPECT_EQ(span(at("2025-02-23T18:02:11Z"), at("2025-02-24T00:00:05Z")),
            "2025-02-23 18:02 to 2025-02-24 00:00 UTC (5 h 58 min)");
  EXPECT_EQ(span(at("2025-02-23T17:30:00Z"), at("2025-02-23T19:15:45Z")),
            "2025-02-23 17:30 to 19:15 UTC (1 h 45 min)");
  EXPECT_EQ(span(at("2025-02-23T14:12:50Z"), at("2025-02-23T14:13:10Z")),
            "2025-02-23 14:12 to 14:13 UTC (20 s)");
}

TEST(Figures, CarryUnitsAndRoundSensibly) {
  EXPECT_EQ(points(-0.01), "+0.0");
  EXPECT_EQ(whole_score(89.97), 89);  // stays on its severity's side
  EXPECT_EQ(first_few({"a", "b", "c", "d"}, 2), "a, b and 2 more");
  EXPECT_EQ(first_few({"a", "b", "c"}, 2), "a, b, c");
}

TEST(Figures, SayTheDateOnce) {
  const Time first = *parse_rfc3339("2025-02-23T14:12:00Z");
  EXPECT_EQ(span(first, first + 29 * kMinute), "2025-02-23 14:12 to 14:41 UTC (29 min)");
  EXPECT_EQ(span(first, first + 25 * kHour), "2025-02-23 14:12 to 2025-02-24 15:12 UTC (1 d 1 h)");
  EXPECT_EQ(span(first, {}), "2025-02-23 14:12:00 UTC");
}

}  // namespace
}  // namespace davy::report

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/report/fixture.h"

namespace davy::report {
namespace {

/// The page without its code spans, in which nothing is interpreted, and without escaped
/// characters.
std::string interpreted(std::string_view page) {
  const auto run_at = [&](size_t i) {
    return std::min(page.find_first_not_of('`', i), page.size()) - i;
  };
  std::string rest;
  for (size_t i = 0; i < page.size();) {
    if (page[i] == '\\') {
      rest += '.';
      i += 2;
    } else if (page[i] == '`') {
      const size_t fence = run_at(i);
      size_t end = page.find('`', i + fence);
      while (end != std::string_view::npos && run_at(end) != fence)
        end = page.find('`', end + run_at(end));
      if (end == std::string_view::npos) return rest + "unclosed code span";
      i = end + fence;
    } else {
      rest += page[i++];
    }
  }
  return rest;
}

TEST(Markdown, HostileTextOpensNothing) {
  const std::string page = interpreted(to_markdown(hostile_incidents()));
  for (const std::string_view opener : {"<", "](", "://", "@evil", "a@", "unclosed code span"}) {
    EXPECT_EQ(page.find(opener), std::string::npos) << opener;
  }
}

TEST(Markdown, EveryTableRowHasItsTablesColumns) {
  const std::string page = interpreted(to_markdown(hostile_incidents()));
  ptrdiff_t expected = 0;
  size_t rows = 0;
  for (const std::string_view line : split(page, '\n')) {
    const auto cells = std::count(line.begin(), line.end(), '|');
    if (!line.starts_with('|')) {
      EXPECT_EQ(cells, 0) << line;
      expected = 0;
      continue;
    }
    if (expected == 0) expected = cells;
    EXPECT_EQ(cells, expected) << line;
    ++rows;
  }
  EXPECT_GT(rows, 100u);
}

TEST(Markdown, AnEmptyResultSaysWhatCouldNotBeSeen) {
  const std::string page = to_markdown(nothing_found());
  EXPECT_NE(page.find("**No mining found**"), std::string::npos);
  EXPECT_NE(page.find("No DNS query log was read"), std::string::npos);
}

TEST(Markdown, WhatRunsStandsFirst) {
  ScanReport report = three_incidents();
  report.incidents.back().machines.emplace_back();
  report.incidents.back().machines.back().state = impact::RunState::kRunning;
  const std::string markdown = to_markdown(report);
  EXPECT_LT(markdown.find(report.incidents.back().id), markdown.find(report.incidents.front().id));
}

}  // namespace
}  // namespace davy::report

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "content/content.h"
#include <gtest/gtest.h>

#include "davy/report/fixture.h"
#include "davy/report/html_charts.h"

namespace davy::report {
namespace {

/// What a small, strict reading of the page finds. Style and script are skipped as raw text.
struct Reading {
  std::string fault;  ///< empty when every tag is closed in order and every attribute is quoted
  std::vector<std::string> tags;
  std::vector<std::string> attributes;
};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/// Reads attributes up to '>'; returns the position behind it, or npos.
size_t read_attributes(std::string_view page, size_t at, Reading& reading, bool& self_closed) {
  self_closed = false;
  while (at < page.size()) {
    if (page[at] == '>') return at + 1;
    if (page[at] == '/') {
      self_closed = true;
      ++at;
      continue;
    }
    if (page[at] == ' ') {
      ++at;
      continue;
    }
    const size_t start = at;
    while (at < page.size() && (is_name(page[at]) || page[at] == 'B'))
      ++at;  // viewBox
    if (at == start) return std::string_view::npos;
    while (at < page.size() && is_name(page[at]))
      ++at;
    reading.attributes.emplace_back(page.substr(start, at - start));
    if (at >= page.size() || page[at] != '=') continue;
    if (at + 1 >= page.size() || page[at + 1] != '"') return std::string_view::npos;
    const size_t end = page.find('"', at + 2);
    if (end == std::string_view::npos) return end;
    at = end + 1;
  }
  return std::string_view::npos;
}

Reading read(std::string_view page) {
  static const std::set<std::string, std::less<>> kVoid = {"meta", "br", "input"};
  Reading reading;
  std::vector<std::string> open;
  size_t at = page.find("<html");
  while ((at = page.find('<', at)) != std::string_view::npos) {
    const bool closing = page[at + 1] == '/';
    size_t end = at + (closing ? 2 : 1);
    const size_t start = end;
    while (end < page.size() && is_name(page[end]))
      ++end;
    const std::string name(page.substr(start, end - start));
    bool self_closed = false;
    const size_t next = read_attributes(page, end, reading, self_closed);
    if (name.empty() || next == std::string_view::npos) {
      reading.fault = "malformed tag: " + std::string(page.substr(at, 80));
      return reading;
    }
    if (closing) {
      if (open.empty() || open.back() != name) {
        reading.fault = "</" + name + "> closes <" + (open.empty() ? "" : open.back()) + ">";
        return reading;
      }
      open.pop_back();
    } else {
      reading.tags.push_back(name);
      if (!self_closed && kVoid.count(name) == 0) open.push_back(name);
    }
    at = next;
    if (!closing && (name == "style" || name == "script")) at = page.find("</" + name, next);
  }
  if (!open.empty()) reading.fault = "<" + open.back() + "> stays open";
  return reading;
}

TEST(Html, IsWellFormedWhateverTheLogsSay) {
  for (const ScanReport& report : {three_incidents(), hostile_incidents(), nothing_found()}) {
    const std::string page = to_html(report);
    const Reading reading = read(page);
    EXPECT_EQ(reading.fault, "");
    EXPECT_EQ(std::count(reading.tags.begin(), reading.tags.end(), "script"), 1);
    EXPECT_EQ(std::count(reading.tags.begin(), reading.tags.end(), "img"), 0);
  }
}

TEST(Html, TheReaderAboveFindsFaults) {
  EXPECT_NE(read("<html><p></html>").fault, "");
  EXPECT_NE(read("<html><p class=x></p></html>").fault, "");
  EXPECT_NE(read("<html><p></p>").fault, "");
  EXPECT_EQ(read("<html><p class=\"x\">a<br></p></html>").fault, "");
}

TEST(Html, HostileTextAddsNoElementAndNoAttribute) {
  const Reading plain = read(to_html(three_incidents()));
  const Reading hostile = read(to_html(hostile_incidents()));
  EXPECT_EQ(std::set(hostile.tags.begin(), hostile.tags.end()),
            std::set(plain.tags.begin(), plain.tags.end()));
  EXPECT_EQ(std::set(hostile.attributes.begin(), hostile.attributes.end()),
            std::set(plain.attributes.begin(), plain.attributes.end()));
}

TEST(Html, LoadsNothingAndHasNoInlineHandlerOrStyle) {
  const std::string page = to_html(hostile_incidents());
  for (const std::string& attribute : read(page).attributes) {
    EXPECT_FALSE(attribute.starts_with("on")) << attribute;
    EXPECT_NE(attribute, "style");
    EXPECT_NE(attribute, "src");
  }
  EXPECT_EQ(page.find("href=\"http"), std::string::npos);
  EXPECT_EQ(page.find("url("), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'; style-src 'sha256-"), std::string::npos);
}

TEST(Html, CarriesTheEmbeddedStyleAndScript) {
  const std::string page = to_html(nothing_found());
  const std::string_view style = content::find("templates/report.css");
  ASSERT_GT(style.size(), 1000u);
  EXPECT_NE(page.find(style), std::string::npos);
  EXPECT_NE(page.find(content::find("templates/report.js")), std::string::npos);
}

TEST(Charts, DrawNothingFromNothing) {
  const incident::Incident empty;
  EXPECT_EQ(timeline_chart(empty), "");
  EXPECT_EQ(signal_chart(empty), "");
}

TEST(Charts, PlaceTheFirstAndLastMomentAtTheEnds) {
  incident::Incident incident;
  const Time first = *parse_rfc3339("2025-02-23T14:00:00Z");
  incident.timeline = {{first, "a", detect::Stage::kDiscovery, {}},
                       {first + 400 * kDay, "b", detect::Stage::kMining, {}}};
  const std::string svg = timeline_chart(incident);
  EXPECT_NE(svg.find("<circle class=\"dot\" cx=\"150.0\""), std::string::npos);
  EXPECT_NE(svg.find("<circle class=\"dot\" cx=\"936.0\""), std::string::npos);
}

TEST(Html, WhatRunsStandsFirst) {
  ScanReport report = three_incidents();
  report.incidents.back().machines.emplace_back();
  report.incidents.back().machines.back().state = impact::RunState::kRunning;
  const std::string& running = report.incidents.back().id;
  const std::string& other = report.incidents.front().id;
  const std::string html = to_html(report);
  EXPECT_LT(html.find(running), html.find(other));
}

}  // namespace
}  // namespace davy::report

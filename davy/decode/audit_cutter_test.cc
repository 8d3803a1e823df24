// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/audit_cutter.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace davy::decode {
namespace {

std::string line_of(int serial) {
  return "type=SYSCALL msg=audit(1.000:" + std::to_string(serial) + "): a=b\n";
}

/// How many lines each record holds.
std::vector<size_t> cut(const std::string& log) {
  std::vector<Cut> records;
  EXPECT_EQ(cut_audit(log, true, records), log.size());
  std::vector<size_t> lines;
  for (const Cut& record : records) {
    const std::string text = log.substr(record.begin, record.length);
    lines.push_back(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')));
  }
  return lines;
}

std::string log_of(const std::vector<int>& serials) {
  std::string log;
  for (const int serial : serials)
    log += line_of(serial);
  return log;
}

TEST(AuditCutter, KeepsLinesOfOneEventTogether) {
  std::vector<int> within, beyond;
  within.push_back(1);
  for (int i = 0; i < 63; ++i)
    within.push_back(100 + i);
  beyond = within;
  within.push_back(1);
  beyond.push_back(99);
  beyond.push_back(1);
  const struct {
    const char* what;
    std::string log;
    std::vector<size_t> want;
  } cases[] = {
      {"one after the other", log_of({1, 1, 1, 2, 2, 3}), {3, 2, 1}},
      {"interleaved", log_of({1, 2, 1, 2, 3}), {4, 1}},
      {"inside one another", log_of({1, 2, 2, 3, 1, 4}), {5, 1}},
      {"window filled", log_of(within), {65}},
      {"beyond the window", log_of(beyond), std::vector<size_t>(66, 1)},
      {"other lines stand alone", "x\n" + line_of(1) + "\n" + line_of(1), {1, 3}},
      {"nothing", "", {}},
  };
  for (const auto& c : cases)
    EXPECT_EQ(cut(c.log), c.want) << c.what;
}

TEST(AuditCutter, WaitsUntilNoLineCanFollow) {
  std::vector<Cut> records;
  EXPECT_EQ(cut_audit(log_of({1, 2, 3}), false, records), 0u);
  EXPECT_TRUE(records.empty());
}

RC_GTEST_PROP(AuditCutter, CutsTheSameHoweverTheLogArrives, ()) {
  const auto serials = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 60));
  const auto block = *rc::gen::inRange<size_t>(1, 2000);
  const std::string log = log_of(serials);
  std::vector<Cut> whole;
  cut_audit(log, true, whole);

  std::vector<size_t> begins;
  size_t from = 0;
  for (size_t to = 0; from < log.size();) {
    to = std::min(to + block, log.size());
    std::vector<Cut> some;
    const size_t used =
        cut_audit(std::string_view(log).substr(from, to - from), to == log.size(), some);
    for (const Cut& record : some)
      begins.push_back(from + record.begin);
    from += used;
  }
  std::vector<size_t> want;
  for (const Cut& record : whole)
    want.push_back(record.begin);
  RC_ASSERT(begins == want);
}

}  // namespace
}  // namespace davy::decode

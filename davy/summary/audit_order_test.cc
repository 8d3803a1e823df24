// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/audit_order.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace davy::summary {
namespace {

struct Start {
  int64_t second;
  uint64_t number;
};

AuditOrder order_of(const std::vector<Start>& starts, std::string_view node = {}) {
  AuditOrder order;
  for (const Start& start : starts) {
    const std::string id = std::string(node) + "audit(" + std::to_string(start.second) +
                           ".000:" + std::to_string(start.number) + ")";
    event::Process process;
    process.started = true;
    event::Event event;
    event.record_id = id;
    event.time = event.end = Time{start.second * kSecond};
    event.process = &process;
    order.observe(event);
  }
  return order;
}

TEST(AuditOrder, NumbersThatCrossAreOfTwoMachines) {
  EXPECT_TRUE(order_of({{100, 7}, {200, 8}, {300, 900}}).is_of_one_machine());
  EXPECT_TRUE(order_of({{100, 8}, {101, 7}, {112, 9}}).is_of_one_machine());
  EXPECT_FALSE(order_of({{100, 8}, {200, 7}}).is_of_one_machine());
  EXPECT_FALSE(order_of({{100, 8000}, {101, 10}, {200, 8010}, {201, 20}}).is_of_one_machine());
}

TEST(AuditOrder, RecordsThatNameTheirMachineSayNothing) {
  EXPECT_FALSE(order_of({}).is_of_one_machine());
  EXPECT_FALSE(order_of({{100, 7}}, "web-1 ").is_of_one_machine());
  AuditOrder order = order_of({{100, 8}, {200, 7}}, "web-1 ");
  order.merge(order_of({{150, 3}}));
  EXPECT_TRUE(order.is_of_one_machine());
}

TEST(AuditOrder, PartsInAnyOrderAndTwiceAreTheWhole) {
  AuditOrder first = order_of({{300, 30}, {100, 10}});
  AuditOrder second = order_of({{200, 20}, {100, 10}});
  first.merge(second);
  first.merge(second);
  EXPECT_TRUE(first.is_of_one_machine());
  first.merge(order_of({{200, 5}}));
  EXPECT_FALSE(first.is_of_one_machine());
}

}  // namespace
}  // namespace davy::summary

// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/entity_links.h"

#include <gtest/gtest.h>

namespace davy::summary {
namespace {

/// A RunInstances answer naming one instance.
struct LaunchEvent {
  std::string_view ids[1];
  std::string_view ips[1];
  event::ApiCall call;
  event::Event event;

  LaunchEvent(std::string_view id, std::string_view ip, Time when) : ids{id}, ips{ip} {
    call.operation = "RunInstances";
    call.instance_ids = ids;
    call.launch = event::Launch{};
    call.launch->instance_ids = ids;
    call.launch->private_ips = ips;
    event.account = "111122223333";
    event.actor.access_key = "AKIAEXAMPLE";
    event.time = event.end = when;
    event.api = &call;
  }
};

TEST(EntityLinks, AnAddressBelongsToTheInstanceThatHeldItThen) {
  LaunchEvent first("i-1", "10.0.0.5", Time{1 * kHour});
  LaunchEvent second("i-2", "10.0.0.5", Time{5 * kHour});
  EntityLinks a;
  EntityLinks b;
  b.observe(second.event);
  a.observe(first.event);
  b.merge(std::move(a));
  b.index();
  EXPECT_EQ(b.find_by_address("111122223333", "10.0.0.5", Time{2 * kHour})->id, "i-1");
  EXPECT_EQ(b.find_by_address("111122223333", "10.0.0.5", Time{6 * kHour})->id, "i-2");
  EXPECT_EQ(b.find_by_address("111122223333", "10.0.0.5", Time{1}), nullptr);
  EXPECT_EQ(b.launched_by("AKIAEXAMPLE").size(), 2u);
}

TEST(EntityLinks, ADeniedLaunchLaunchesNothing) {
  LaunchEvent denied("i-1", "10.0.0.5", Time{kHour});
  denied.call.failed = true;
  EntityLinks links;
  links.observe(denied.event);
  EXPECT_EQ(links.find_instance("i-1"), nullptr);
}

TEST(EntityLinks, TheLatestStopAndStartAreKeptInAnyOrder) {
  const auto call = [](std::string_view operation, int hour) {
    LaunchEvent event("i-1", "", Time{hour * kHour});
    event.call.operation = operation;
    event.call.launch.reset();
    EntityLinks links;
    event.event.api = &event.call;
    event.call.instance_ids = event.ids;
    links.observe(event.event);
    return links;
  };
  EntityLinks links = call("StartInstances", 3);
  links.merge(call("StopInstances", 4));
  links.merge(call("StopInstances", 2));
  EXPECT_EQ(links.find_instance("i-1")->stopped, Time{4 * kHour});
  EXPECT_EQ(links.find_instance("i-1")->started, Time{3 * kHour});
  EXPECT_FALSE(links.find_instance("i-1")->ended.known());
}

}  // namespace
}  // namespace davy::summary

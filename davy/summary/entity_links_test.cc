// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/entity_links.h"

#include <span>

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

TEST(EntityLinks, ALaunchTellsTheNetworkOfTheAddress) {
  constexpr std::string_view kVpcs[] = {"vpc-a", "vpc-b"};
  LaunchEvent first("i-1", "10.0.0.5", Time{1 * kHour});
  LaunchEvent second("i-2", "10.0.0.5", Time{2 * kHour});
  first.call.launch->vpcs = std::span(kVpcs).subspan(0, 1);
  second.call.launch->vpcs = std::span(kVpcs).subspan(1, 1);
  EntityLinks links;
  links.observe(first.event);
  links.observe(second.event);
  links.index();
  EXPECT_EQ(links.find_by_address("vpc-a", "10.0.0.5", Time{3 * kHour})->id, "i-1");
  EXPECT_EQ(links.find_by_address("vpc-b", "10.0.0.5", Time{3 * kHour})->id, "i-2");
}

TEST(EntityLinks, ADeniedLaunchLaunchesNothing) {
  LaunchEvent denied("i-1", "10.0.0.5", Time{kHour});
  denied.call.failed = true;
  EntityLinks links;
  links.observe(denied.event);
  EXPECT_EQ(links.find_instance("i-1"), nullptr);
}

TEST(EntityLinks, StopsStartsAndChangesOfTypeAreKeptInAnyOrder) {
  const auto call = [](std::string_view operation, int hour) {
    LaunchEvent event("i-1", "", Time{hour * kHour});
    event.call.operation = operation;
    event.call.launch.reset();
    event.call.target = "i-1";
    event.call.new_instance_type = operation == "ModifyInstanceAttribute" ? "p3.16xlarge" : "";
    EntityLinks links;
    event.event.api = &event.call;
    event.call.instance_ids = event.ids;
    links.observe(event.event);
    return links;
  };
  EntityLinks links = call("StartInstances", 3);
  links.merge(call("StopInstances", 4));
  links.merge(call("StopInstances", 2));
  links.merge(call("ModifyInstanceAttribute", 3));
  links.merge(call("StopInstances", 2));
  using What = PowerChange::What;
  EXPECT_EQ(links.find_instance("i-1")->power.changes(),
            (std::vector<PowerChange>{{Time{2 * kHour}, What::kStopped, ""},
                                      {Time{3 * kHour}, What::kResized, "p3.16xlarge"},
                                      {Time{3 * kHour}, What::kStarted, ""},
                                      {Time{4 * kHour}, What::kStopped, ""}}));
  EXPECT_FALSE(links.find_instance("i-1")->ended.known());
}

/// A metric that names an instance and its Name tag.
void see(EntityLinks& links, std::string_view id, std::string_view name) {
  event::Metric metric;
  event::Event event;
  event.account = "111122223333";
  event.instance = id;
  event.instance_name = name;
  event.time = event.end = Time{kHour};
  event.metric = &metric;
  links.observe(event);
}

TEST(EntityLinks, AFindingAboutATerminatedMachineEndsIt) {
  event::Finding finding;
  finding.ended = Time{3 * kHour};
  event::Event event;
  event.instance = "i-1";
  event.finding = &finding;
  EntityLinks links;
  links.observe(event);
  finding.ended = {};
  links.observe(event);
  links.index();
  EXPECT_EQ(links.find_instance("i-1")->ended, Time{3 * kHour});
  // A call that is on record says it to the second.
  LaunchEvent end("i-1", "", Time{2 * kHour});
  end.call.operation = "TerminateInstances";
  links.observe(end.event);
  EXPECT_EQ(links.find_instance("i-1")->ended, Time{2 * kHour});
}

TEST(EntityLinks, AHostNamedAsByDefaultIsOneInstance) {
  LaunchEvent launch("i-1", "10.0.0.5", Time{kHour});
  EntityLinks links;
  links.observe(launch.event);
  see(links, "i-1", "ip-10-0-0-5");
  links.index();
  ASSERT_NE(links.find_by_host("ip-10-0-0-5"), nullptr);
  EXPECT_EQ(links.find_by_host("ip-10-0-0-5.ec2.internal")->id, "i-1");
}

TEST(EntityLinks, AHostNameOfTwoInstancesIsNobodys) {
  EntityLinks links;
  see(links, "i-1", "web");
  see(links, "i-2", "web");
  see(links, "i-3", "db");
  links.index();
  EXPECT_EQ(links.find_by_host("web"), nullptr);
  EXPECT_EQ(links.find_by_host("db")->id, "i-3");
}

void assume(EntityLinks& links, std::string_view by, std::string_view created) {
  event::ApiCall call;
  call.operation = "AssumeRole";
  call.created_access_key = created;
  event::Event event;
  event.time = event.end = Time{kHour};
  event.actor.access_key = by;
  event.api = &call;
  links.observe(event);
}

TEST(EntityLinks, KnowsWhichCredentialHandedOneOut) {
  EntityLinks links;
  assume(links, "AKIA1", "ASIA1");
  assume(links, "", "ASIA2");  // by a service: leads to nobody
  links.index();
  ASSERT_NE(links.find_key("ASIA1"), nullptr);
  EXPECT_EQ(links.find_key("ASIA1")->issued_by_key, "AKIA1");
  EXPECT_EQ(links.find_key("ASIA2"), nullptr);
}

TEST(EntityLinks, SessionsByTheThousandPushNoLongLivedKeyOutAndAreTold) {
  EntityLinks links;
  assume(links, "AKIA1", "AKIA2");
  EXPECT_TRUE(links.notes().empty());
  for (int i = 0; i < 250'000; ++i)
    assume(links, "AKIA1", "ASIA" + std::to_string(i));
  EXPECT_NE(links.find_key("AKIA2"), nullptr);
  EXPECT_EQ(links.notes().size(), 1u);
}

EntityLinks grant(std::string_view operation, std::string_view by, std::string_view user, int hour,
                  std::string_view setting = {}) {
  event::ApiCall call;
  call.service = "iam.amazonaws.com";
  call.operation = operation;
  call.target = user;
  call.setting = setting;
  event::Event event;
  event.account = "1";
  event.time = event.end = Time{hour * kHour};
  const std::string arn = "arn:aws:iam::1:user/" + std::string(by);
  event.actor.arn = arn;
  event.actor.access_key = "AKIA-dev";
  event.api = &call;
  EntityLinks links;
  links.observe(event);
  return links;
}

TEST(EntityLinks, KnowsWhoGaveAUserWhatHeActsWith) {
  EntityLinks links = grant("CreateUser", "dev", "backup", 1);
  links.merge(grant("CreateAccessKey", "dev", "backup", 2));
  links.merge(grant("CreateAccessKey", "backup", "backup", 3));  // his own
  links.merge(grant("UpdateAccessKey", "dev", "backup", 4, "Inactive"));
  links.merge(grant("UpdateAccessKey", "dev", "backup", 5, "Active"));
  const UserFact* fact = links.find_user("arn:aws:iam::1:user/staff/backup");
  ASSERT_NE(fact, nullptr);
  ASSERT_EQ(fact->grants.size(), 3u);
  EXPECT_EQ(fact->grants.begin()->means, Means::kExistence);
  EXPECT_EQ(fact->grants.begin()->by_principal, "arn:aws:iam::1:user/dev");
  EXPECT_EQ(fact->grants.rbegin()->means, Means::kRelease);
  EXPECT_EQ(links.find_user("arn:aws:iam::2:user/backup"), nullptr);
  EXPECT_EQ(links.find_user("arn:aws:iam::1:role/backup"), nullptr);
}

TEST(EntityLinks, OfManyGrantsTheLatestAreKnownInAnyOrder) {
  EntityLinks up;
  EntityLinks down;
  for (int hour = 1; hour <= 20; ++hour) {
    up.merge(grant("CreateAccessKey", "dev", "ci", hour));
    down.merge(grant("CreateAccessKey", "dev", "ci", 21 - hour));
    down.merge(grant("CreateAccessKey", "dev", "ci", 21 - hour));
  }
  const auto& grants = up.find_user("arn:aws:iam::1:user/ci")->grants;
  EXPECT_EQ(grants.size(), EntityLinks::kMaxGrants);
  EXPECT_EQ(grants.rbegin()->when, Time{20 * kHour});
  EXPECT_EQ(grants, down.find_user("arn:aws:iam::1:user/ci")->grants);
}

}  // namespace
}  // namespace davy::summary

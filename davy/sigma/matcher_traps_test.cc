// SPDX-License-Identifier: Apache-2.0
// Mistakes other engines and their shipped rules are known for, and the promises about cost that
// are easily broken: no allocation per event, no wrong answer under concurrency.
#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include <fmt/format.h>

#include "davy/sigma/matcher.h"
#include "davy/sigma/testing/json_event.h"

namespace {
std::atomic<size_t> allocations{0};

void* counted(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* place = std::malloc(size == 0 ? 1 : size)) return place;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(size_t size) {
  return counted(size);
}
void* operator new[](size_t size) {
  return counted(size);
}
// Libraries that allocate so (vectorscan) must meet the same delete.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* place) noexcept {
  std::free(place);
}
void operator delete[](void* place) noexcept {
  std::free(place);
}
void operator delete(void* place, size_t) noexcept {
  std::free(place);
}
void operator delete[](void* place, size_t) noexcept {
  std::free(place);
}

namespace davy::sigma {
namespace {

using testing::detects;

bool item_detects(std::string_view item, std::string_view json) {
  return detects(fmt::format("  s:\n    {}\n  condition: s", item), json);
}

TEST(MatcherTrapsTest, PoolNamesCanBeMatchedOnLabelBoundaries) {
  const std::string item = R"(query|re|i: '(^|\.)(zpool\.ca|moneroocean\.stream)\.?$')";
  EXPECT_TRUE(item_detects(item, R"({"query": "eu.zpool.ca"})"));
  EXPECT_TRUE(item_detects(item, R"({"query": "GULF.MoneroOcean.Stream."})"));
  EXPECT_FALSE(item_detects(item, R"({"query": "zpool.cache"})"));
  EXPECT_FALSE(item_detects(item, R"({"query": "notzpool.ca"})"));
}

TEST(MatcherTrapsTest, AContainsLiteralIsNotAWord) {
  // "-o pool." of a public rule also hits this; a boundary has to be asked for.
  constexpr std::string_view kKubectl = R"({"CommandLine": "kubectl get nodes -o pool.yaml"})";
  EXPECT_TRUE(item_detects("CommandLine|contains: '-o pool.'", kKubectl));
  EXPECT_FALSE(item_detects(R"(CommandLine|re: '-o pool\.[a-z0-9.-]+:\d+')", kKubectl));
}

TEST(MatcherTrapsTest, DeniedAndDryRunCallsAreKeptUnlessFilteredOut) {
  const std::string strict =
      "  s:\n    eventName: RunInstances\n  ok:\n    errorCode: null\n  condition: s and ok";
  const std::string open = "  s:\n    eventName: RunInstances\n  condition: s";
  constexpr std::string_view kDryRun =
      R"({"eventName": "RunInstances", "errorCode": "Client.DryRunOperation"})";
  EXPECT_FALSE(detects(strict, kDryRun));
  EXPECT_TRUE(detects(open, kDryRun));
  EXPECT_TRUE(detects(strict, R"({"eventName": "RunInstances", "errorCode": null})"));
}

TEST(MatcherTrapsTest, SizesAreComparedNotListed) {
  // Listing 8192 and 16384 misses a hundred tasks of four vCPU each.
  EXPECT_TRUE(item_detects("cpu|gte: 4096", R"({"cpu": "4096"})"));
  EXPECT_FALSE(item_detects("cpu: [8192, 16384]", R"({"cpu": "4096"})"));
}

TEST(MatcherTrapsTest, ObjectsAreNotMatchedAsText) {
  // A regular expression over the text of a whole map would hit across members.
  constexpr std::string_view kTask =
      R"({"c": [{"image": "nginx", "env": "xmrig"}, {"image": "x"}]})";
  EXPECT_FALSE(item_detects("c|re: 'image.*xmrig'", kTask));
  EXPECT_FALSE(item_detects("c|contains: xmrig", kTask));
  EXPECT_TRUE(item_detects("c[any]: {env: xmrig, image: nginx}", kTask));
  EXPECT_FALSE(item_detects("c[any]: {env: xmrig, image: x}", kTask));
}

TEST(MatcherTrapsTest, AnAbsentFieldDoesNotEqualAnEmptyOne) {
  EXPECT_FALSE(item_detects("f: ''", "{}"));
  EXPECT_FALSE(item_detects("f|startswith: ''", "{}"));
  EXPECT_FALSE(item_detects("f|re: '.*'", "{}"));
  EXPECT_FALSE(item_detects("f|lt: 5", "{}"));
  EXPECT_FALSE(item_detects("f|fieldref: g", "{}"));
  EXPECT_TRUE(detects("  s:\n    f: x\n  condition: not s", "{}"));
}

TEST(MatcherTrapsTest, ManyDashesAreNotExpanded) {
  std::string options;
  std::string slashes;
  for (int i = 0; i < 40; ++i) {
    options += fmt::format("-o{} ", i);
    slashes += fmt::format("/o{} ", i);
  }
  EXPECT_TRUE(item_detects(fmt::format("f|windash|contains: '{}'", options),
                           fmt::format(R"({{"f": "x {} y"}})", slashes)));
}

TEST(MatcherTrapsTest, BacktrackingCannotBeProvoked) {
  const std::string text(20'000, 'a');
  const std::string json = fmt::format(R"({{"f": "{}"}})", text);
  EXPECT_FALSE(item_detects("f|re: '(a+)+$b'", json));
  EXPECT_FALSE(item_detects("f: 'a*a*a*a*a*a*a*b'", json));
}

/// Rules of every kind that is answered without parsing JSON.
RuleSet many_rules() {
  std::string yaml;
  for (int i = 0; i < 40; ++i) {
    yaml += fmt::format(
        "title: r{0}\nlogsource: {{product: test}}\ndetection:\n  s:\n    name: Call{0}\n"
        "  t:\n    - command|contains: word{0}\n    - command|endswith: end{0}\n    - port: {0}\n"
        "    - address|cidr: 10.{0}.0.0/16\n  f:\n    command|re: 'x{0}+y'\n    user: null\n"
        "  condition: (s or t) and not f\n---\n",
        i);
  }
  return testing::load(yaml);
}

constexpr std::string_view kBusyEvent =
    R"({"name": "call7", "command": "a word3 xx x31y end12", "port": 33, "address": "10.9.1.1"})";
const std::vector<RuleIndex> kBusyMatches = {3, 7, 9, 12, 33};

TEST(MatcherTrapsTest, NothingIsAllocatedPerEvent) {
  const RuleSet rules = many_rules();
  event::Schema schema;
  const auto matcher = Matcher::compile(rules, {}, schema);
  const auto scratch = matcher->make_scratch();
  const testing::JsonEvent event(kBusyEvent, schema);
  std::vector<RuleIndex> matches;
  matcher->match(0, event.fields(), *scratch, matches);
  ASSERT_EQ(matches, kBusyMatches);
  const size_t before = allocations.load();
  for (int i = 0; i < 100; ++i) {
    matches.clear();
    matcher->match(0, event.fields(), *scratch, matches);
  }
  EXPECT_EQ(allocations.load(), before);
}

TEST(MatcherTrapsTest, ThreadsMayMeetAtTheFirstEvent) {
  const RuleSet rules = many_rules();
  event::Schema schema;
  const auto matcher = Matcher::compile(rules, {}, schema);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto scratch = matcher->make_scratch();
      const testing::JsonEvent event(kBusyEvent, schema);
      for (int i = 0; i < 50; ++i) {
        std::vector<RuleIndex> matches;
        matcher->match(0, event.fields(), *scratch, matches);
        if (matches == kBusyMatches) right.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(right.load(), 200);
}

/// One field reference to the field g.
bool reference_holds(std::string_view key, std::string_view json) {
  return detects(fmt::format("  s:\n    {}: g\n  condition: s", key), json);
}

// Both texts are an attacker's to choose. Comparing at every position would take minutes here.
TEST(MatcherTrapsTest, AFieldReferenceTakesLinearTime) {
  const std::string text(2'000'000, 'a');
  const std::string other(1'000'000, 'a');
  const std::string event = R"({"f": ")" + text + R"(", "g": ")" + other;
  EXPECT_FALSE(reference_holds("f|fieldref|contains", event + R"(b"})"));
  EXPECT_TRUE(reference_holds("f|fieldref|contains", event + R"(A"})"));
  std::string many = "[\"0\"";
  for (int i = 1; i < 20'000; ++i)
    many += ",\"" + std::to_string(i) + '"';
  many += ']';
  EXPECT_FALSE(
      reference_holds("f|fieldref|contains", R"({"f": )" + many + R"(, "g": ["x", "y"]})"));
  EXPECT_TRUE(reference_holds("f|fieldref", R"({"f": )" + many + R"(, "g": )" + many + "}"));
}

}  // namespace
}  // namespace davy::sigma

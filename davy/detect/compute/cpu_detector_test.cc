// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_detector.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/detect/compute/cpu_test_load.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {
namespace {

using event::EntityType;

/// A machine of a test estate and what it draws over [from, to) hours.
struct Drawing {
  Place place;
  LoadAt load;
  double from = 0;
  double to = 0;
};

Place machine(std::string instance, std::string statistic = "Average") {
  Place place;
  place.instance = std::move(instance);
  place.statistic = std::move(statistic);
  return place;
}

CpuSummary summary_of(const std::vector<Drawing>& drawings) {
  CpuSummary summary;
  unsigned seed = 1;
  for (const Drawing& drawing : drawings)
    observe(summary, drawing.place, draw(drawing.from, drawing.to, drawing.load, seed++));
  return summary;
}

struct Judgement {
  std::vector<Detection> detections;
  std::vector<std::string> notes;
};

Judgement judge(const CpuSummary& summary, const summary::EntityLinks& links = {}) {
  Judgement judgement;
  judge_cpu(summary, links, judgement.notes, judgement.detections);
  return judgement;
}

/// The plateau reported for an instance.
std::optional<Detection> plateau_of(const CpuSummary& summary, std::string_view instance,
                                    const summary::EntityLinks& links = {}) {
  for (Detection& d : judge(summary, links).detections) {
    const event::Entity wanted{EntityType::kInstance, std::string(instance)};
    if (d.detector == "cpu_plateau" &&
        std::find(d.entities.begin(), d.entities.end(), wanted) != d.entities.end()) {
      return std::move(d);
    }
  }
  return std::nullopt;
}

void launch(summary::EntityLinks& links, std::string_view instance, std::string_view type,
            std::string_view principal, Time time) {
  const std::string_view ids[] = {instance};
  event::ApiCall call;
  call.service = "ec2.amazonaws.com";
  call.operation = "RunInstances";
  call.instance_ids = ids;
  call.launch.emplace();
  call.launch->instance_type = type;
  call.launch->instance_ids = ids;
  event::Event event;
  event.time = event.end = time;
  event.account = "123456789012";
  event.region = "us-east-1";
  event.actor.arn = principal;
  event.api = &call;
  links.observe(event);
}

TEST(CpuDetectorTest, APlateauTellsExpectedObservedAndOdds) {
  const auto summary = summary_of({{machine("i-0a"), then_mines(quiet, 85, 98), 0, 87.1667}});
  const auto found = plateau_of(summary, "i-0a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->title, "CPU flat at 98 % for 2 h 10 min (usual 22 %)");
  EXPECT_EQ(found->claim, Claim::kConsistent);
  EXPECT_EQ(found->signal, Signal::kCompute);
  EXPECT_EQ(found->stage, Stage::kMining);
  EXPECT_EQ(found->level, Level::kMedium);
  EXPECT_DOUBLE_EQ(found->weight, 1.6);
  EXPECT_EQ(found->techniques, std::vector<std::string>{"T1496.001"});
  EXPECT_EQ(found->time.ns, (kMonday + 85 * kHour).ns);
  EXPECT_EQ(found->end_time - found->time, 130 * kMinute);
  EXPECT_EQ(found->count, 26u);
  EXPECT_EQ(found->entities.size(), 3u);
  EXPECT_NEAR(found->measures.at("cpu_percent"), 98, 0.5);
  EXPECT_NEAR(found->measures.at("baseline_percent"), 22, 1);
  EXPECT_EQ(found->measures.at("duration_s"), 7800);
  EXPECT_DOUBLE_EQ(found->measures.at("tail_probability"), 1.0 / 865);
  for (const char* part : {"i-0a. Expected about 22 %", "864 normal samples", "observed 97.9 ± 0.",
                           "26 samples", "0 normal samples were as high (chance 0.0012 each)",
                           "An alarm at 90 % for 3 x 5 min", "98 % for 2 h where"}) {
    EXPECT_NE(found->detail.find(part), std::string::npos) << part << "\n" << found->detail;
  }
  ASSERT_EQ(found->evidence.size(), 2u);
  EXPECT_EQ(found->evidence[0].record_id.substr(0, 11), "cloudwatch:");
  EXPECT_LT(found->evidence[0].time, kMonday + 86 * kHour);
  EXPECT_GE(found->evidence[1].time, kMonday + 87 * kHour);
}

TEST(CpuDetectorTest, WhatAPlateauIsWorth) {
  const auto mines = [](double) { return Load{75, 1}; };
  const Drawing idle_peers[] = {{machine("i-p1"), idle, 0, 90},
                                {machine("i-p2"), idle, 0, 90},
                                {machine("i-p3"), quiet, 0, 90}};
  const Drawing busy_peers[] = {{machine("i-p1"), busy_but_uneven, 0, 90},
                                {machine("i-p2"), busy_but_uneven, 0, 90},
                                {machine("i-p3"), quiet, 0, 90}};
  const struct {
    std::string_view name;
    Drawing self;
    std::span<const Drawing> others;
    double weight;  ///< 0: nothing reported
    Claim claim;
  } kCases[] = {
      {"half an hour",
       {machine("i-0a"), then_mines(quiet, 85, 98), 0, 85.5},
       {},
       1.0,
       Claim::kConsistent},
      {"half-throttled, an hour",
       {machine("i-0a"), then_mines(quiet, 85, 52), 0, 86},
       {},
       1.3,
       Claim::kConsistent},
      {"maxima only",
       {machine("i-0a", "Maximum"), then_mines(quiet, 85, 98), 0, 88},
       {},
       0.96,
       Claim::kConsistent},
      {"less than a day before",
       {machine("i-0a"), then_mines(quiet, 85, 98), 70, 88},
       {},
       0.64,
       Claim::kContext},
      {"less than a day before, peers idle",
       {machine("i-0a"), then_mines(quiet, 85, 98), 70, 88},
       idle_peers,
       1.28,
       Claim::kConsistent},
      {"born busy", {machine("i-0a"), mines, 80, 88}, {}, 0.64, Claim::kContext},
      {"born busy, peers idle",
       {machine("i-0a"), mines, 80, 88},
       idle_peers,
       1.28,
       Claim::kConsistent},
      {"born busy, two peers are too few",
       {machine("i-0a"), mines, 80, 88},
       std::span(idle_peers).first(2),
       0.64,
       Claim::kContext},
      {"born busy, peers busy",
       {machine("i-0a"), mines, 80, 88},
       busy_peers,
       0.64,
       Claim::kContext},
      {"busy since before the logs begin, peers idle",
       {machine("i-0a"), mines, 0, 88},
       idle_peers,
       1.28,
       Claim::kConsistent},
      {"builds on weekdays", {machine("i-0a"), builds, 0, 168}, {}, 0.2, Claim::kContext},
      {"builds of one day", {machine("i-0a"), builds, 0, 24}, {}, 0.2, Claim::kContext},
      {"nightly training", {machine("i-0a"), training, 0, 96}, {}, 0.2, Claim::kContext},
      {"everyday load", {machine("i-0a"), quiet, 0, 168}, {}, 0, Claim::kContext},
      {"batch work", {machine("i-0a"), busy_but_uneven, 0, 168}, {}, 0, Claim::kContext},
  };
  for (const auto& c : kCases) {
    std::vector<Drawing> estate(c.others.begin(), c.others.end());
    estate.push_back(c.self);
    const auto found = plateau_of(summary_of(estate), "i-0a");
    ASSERT_EQ(found.has_value(), c.weight > 0) << c.name;
    if (!found) continue;
    EXPECT_NEAR(found->weight, c.weight, 1e-9) << c.name << ": " << found->detail;
    EXPECT_EQ(found->claim, c.claim) << c.name << ": " << found->detail;
  }
}

TEST(CpuDetectorTest, AMinerOnABuildMachineIsNoHabit) {
  const LoadAt load = [](double h) { return h >= 100 && h < 112 ? Load{97, 0.5} : builds(h); };
  const auto found = plateau_of(summary_of({{machine("i-0a"), load, 0, 168}}), "i-0a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->claim, Claim::kConsistent) << found->detail;
  EXPECT_GT(found->end_time - found->time, 8 * kHour);
}

/// Four new machines every night for `nights`, flat from birth, all launched by `principal`.
std::pair<std::vector<Drawing>, summary::EntityLinks> nightly_fleet(int nights) {
  std::vector<Drawing> drawings;
  summary::EntityLinks links;
  for (int night = 0; night < nights; ++night) {
    for (int i = 0; i < 4; ++i) {
      const std::string id = fmt::format("i-{}{}", night, i);
      const double from = night * 24 + 1.25;
      drawings.push_back({machine(id), [](double) { return Load{98, 0.6}; }, from, from + 5.25});
      launch(links, id, "p3.2xlarge", "arn:aws:iam::123456789012:role/Training",
             kMonday + night * kDay + kHour);
    }
  }
  return {drawings, std::move(links)};
}

TEST(CpuDetectorTest, AFleetThatTrainsEveryNightIsHabit) {
  auto [drawings, links] = nightly_fleet(4);
  const CpuSummary summary = summary_of(drawings);
  for (const Drawing& drawing : drawings) {
    const auto found = plateau_of(summary, drawing.place.instance, links);
    ASSERT_TRUE(found);
    EXPECT_LE(found->weight, 0.2) << found->detail;
    EXPECT_EQ(found->level, Level::kInformational);
    EXPECT_NE(found->title.find("(habit)"), std::string::npos) << found->title;
  }
  const Judgement once = judge(summary_of(nightly_fleet(1).first), links);
  for (const Detection& d : once.detections)
    EXPECT_GT(d.weight, 0.2) << d.detail;
}

TEST(CpuDetectorTest, AnotherLaunchersHabitExcusesNobody) {
  auto [drawings, links] = nightly_fleet(4);
  drawings.push_back({machine("i-x"), [](double) { return Load{98, 0.6}; }, 73.25, 78.5});
  launch(links, "i-x", "p3.2xlarge", "arn:aws:iam::123456789012:user/stranger",
         kMonday + 73 * kHour);
  links.index();
  const auto found = plateau_of(summary_of(drawings), "i-x", links);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->detail.find("Habit"), std::string::npos) << found->detail;
}

TEST(CpuDetectorTest, MachinesOfOneLaunchAreNoPeers) {
  std::vector<Drawing> estate = {{machine("i-p1"), idle, 0, 60},
                                 {machine("i-p2"), idle, 0, 60},
                                 {machine("i-p3"), idle, 0, 60}};
  for (int i = 0; i < 20; ++i)
    estate.push_back(
        {machine(fmt::format("i-m{}", i)), [](double) { return Load{75, 1}; }, 50, 60});
  const auto launched = plateau_of(summary_of(estate), "i-m7");
  ASSERT_TRUE(launched);
  EXPECT_EQ(launched->claim, Claim::kConsistent) << launched->detail;
  for (Drawing& drawing : estate)
    drawing.from = 50;  // the logs begin with the launch: nobody can tell it from a busy estate
  const auto unknown = plateau_of(summary_of(estate), "i-m7");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->claim, Claim::kContext) << unknown->detail;
}

TEST(CpuDetectorTest, LabelsAreNoPeers) {
  std::vector<Drawing> estate = {
      {machine("i-0a"), [](double) { return Load{75, 1}; }, 50, 60},
      {machine("i-p1"), idle, 0, 60},
      {machine("i-p2"), idle, 0, 60},
      {machine(""), idle, 0, 60},
  };
  estate.back().place.series = "average of a group";
  EXPECT_EQ(plateau_of(summary_of(estate), "i-0a")->claim, Claim::kContext);
  estate.back().place.instance = "i-p3";
  EXPECT_EQ(plateau_of(summary_of(estate), "i-0a")->claim, Claim::kConsistent);
}

TEST(CpuDetectorTest, PeersOfTheSameTypeComeFirst) {
  std::vector<Drawing> estate;
  summary::EntityLinks links;
  for (int i = 0; i < 8; ++i) {
    const std::string id = fmt::format("i-{}", i);
    estate.push_back({machine(id), i < 4 ? LoadAt(busy_but_uneven) : LoadAt(idle), 0, 60});
    launch(links, id, i < 4 ? "c5.4xlarge" : "t3.small", "role", kMonday);
  }
  estate.push_back({machine("i-x"), [](double) { return Load{80, 1}; }, 50, 60});
  launch(links, "i-x", "c5.4xlarge", "role", kMonday + 50 * kHour);
  const auto found = plateau_of(summary_of(estate), "i-x", links);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->claim, Claim::kContext);
  EXPECT_NE(found->detail.find("4 machines of its type"), std::string::npos) << found->detail;
}

TEST(CpuDetectorTest, ARecordSupportsThePlateau) {
  const auto summary = summary_of({{machine("i-0a"), then_mines(quiet, 150, 98), 0, 153}});
  const auto found = judge(summary).detections;
  ASSERT_EQ(found.size(), 2u);
  const Detection& record = found[1];
  EXPECT_EQ(record.detector, "cpu_record");
  EXPECT_EQ(record.claim, Claim::kContext);
  EXPECT_DOUBLE_EQ(record.weight, 0.6);
  EXPECT_GT(record.measures.at("record_ratio"), 2);
  EXPECT_FALSE(record.evidence.empty());
  // A record that matters to nobody but operators: 3 % to 15 %.
  EXPECT_TRUE(
      judge(summary_of({{machine("i-0a"), then_mines(idle, 150, 15), 0, 153}})).detections.empty());
}

TEST(CpuSummaryTest, TakesCpuInPercentOnly) {
  const struct {
    std::string_view name;
    void (*change)(Place&, double&);
    bool taken;
  } kCases[] = {
      {"as it is", [](Place&, double&) {}, true},
      {"Oracle's spelling", [](Place& p, double&) { p.metric = "CpuUtilization"; }, true},
      {"no namespace", [](Place& p, double&) { p.name_space = ""; }, true},
      {"one minute", [](Place& p, double&) { p.period = kMinute; }, true},
      {"an hour", [](Place& p, double&) { p.period = kHour; }, false},
      {"a database", [](Place& p, double&) { p.name_space = "AWS/RDS"; }, false},
      {"another metric", [](Place& p, double&) { p.metric = "NetworkOut"; }, false},
      {"another statistic", [](Place& p, double&) { p.statistic = "SampleCount"; }, false},
      {"negative", [](Place&, double& v) { v = -1; }, false},
      {"not a number", [](Place&, double& v) { v = std::numeric_limits<double>::quiet_NaN(); },
       false},
      {"enormous", [](Place&, double& v) { v = 1e300; }, true},
      {"a label only", [](Place& p, double&) { p.instance = "", p.series = "web 1"; }, true},
      {"nameless", [](Place& p, double&) { p.instance = ""; }, false},
  };
  for (const auto& c : kCases) {
    Place place;
    double percent = 50;
    c.change(place, percent);
    CpuSummary summary;
    observe(summary, place, kMonday, percent);
    EXPECT_EQ(summary.series().size(), c.taken ? 1u : 0u) << c.name;
  }
}

TEST(CpuSummaryTest, MinutesAreAveragedOnceEach) {
  for (const bool maximum : {false, true}) {
    CpuSummary summary;
    const Place place = machine("i-0a", maximum ? "Maximum" : "Average");
    for (const double percent : {10.0, 20.0, 60.0, 60.0}) {
      const Time time = kMonday + static_cast<int64_t>(percent / 20) * kMinute;  // 0, 1, 3, 3
      observe(summary, place, time, percent);
    }
    const auto& [key, series] = *summary.series().begin();
    const auto samples = series.samples(key.statistic);
    ASSERT_EQ(samples.size(), 1u);
    EXPECT_DOUBLE_EQ(samples[0].percent, maximum ? 60 : 30);
  }
}

TEST(CpuSummaryTest, KeepsTheNewestThirtyDays) {
  CpuSummary forward;
  CpuSummary backward;
  for (int day = 0; day < 40; ++day) {
    observe(forward, Place{}, kMonday + day * kDay, day);
    observe(backward, Place{}, kMonday + (39 - day) * kDay, 39 - day);
  }
  for (const CpuSummary* summary : {&forward, &backward}) {
    const auto samples = summary->series().begin()->second.samples(CpuStatistic::kAverage);
    ASSERT_EQ(samples.size(), 30u);
    EXPECT_EQ(samples.front().percent, 10);
  }
}

TEST(CpuSummaryTest, TooManySeriesAreSampledAndSaid) {
  CpuSummary few(10);
  for (int i = 0; i < 10; ++i)
    observe(few, machine(fmt::format("i-{}", i)), kMonday, 5);
  EXPECT_TRUE(judge(few).notes.empty());
  observe(few, machine("i-10"), kMonday, 5);
  EXPECT_EQ(few.series().size(), 10u);
  const auto notes = judge(few).notes;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("more than 10 CPU series"), std::string::npos) << notes[0];
}

// Laws -------------------------------------------------------------------------------------------

struct Datapoint {
  Place place;
  Time time;
  double percent;
  event::RecordRef ref;
};

std::vector<Datapoint> arbitrary_datapoints() {
  std::vector<Datapoint> points;
  const auto mining_from = *rc::gen::inRange(24, 29);
  for (int i = 0; i < 10; ++i) {
    Place place = machine(fmt::format("i-{}", i % 9), i == 9 ? "Maximum" : "Average");
    place.account = *rc::gen::element<std::string>("", "1", "2");
    const auto load = i % 3 == 0 ? then_mines(quiet, mining_from, 60) : LoadAt(idle);
    for (const CpuSample& sample : draw(0, 31, load, static_cast<unsigned>(i)))
      points.push_back({place, start_of(sample), sample.percent, {1, points.size()}});
  }
  for (int n = *rc::gen::inRange(0, 200); n > 0; --n) {  // repeats and disagreements
    Datapoint point = *rc::gen::elementOf(points);
    point.percent += *rc::gen::element(0, 0, 7);
    point.ref.source = *rc::gen::element<uint32_t>(0, 1, 2);
    points.push_back(point);
  }
  return points;
}

std::string to_text(const CpuSummary& summary) {
  std::string text;
  const Judgement judgement = judge(summary);
  for (const Detection& d : judgement.detections) {
    text += fmt::format("{} {} {} {} {} {}\n", d.id, d.title, d.detail, d.weight, d.count,
                        static_cast<int>(d.claim));
    for (const Evidence& e : d.evidence)
      text += fmt::format("  {} {}:{}\n", e.record_id, e.ref.source, e.ref.offset);
  }
  for (const std::string& note : judgement.notes)
    text += note + '\n';
  return text;
}

TEST(CpuSummaryLawTest, OrderSplitsAndRepeatsChangeNothing) {
  EXPECT_TRUE(rc::check("the judgement is one", [] {
    std::vector<Datapoint> points = arbitrary_datapoints();
    const size_t limit = *rc::gen::element<size_t>(6, 100);
    CpuSummary expected(limit);
    for (const Datapoint& p : points)
      observe(expected, p.place, p.time, p.percent, p.ref);

    std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
    std::shuffle(points.begin(), points.end(), random);
    points.insert(points.end(), points.begin(), points.begin() + 100);
    std::vector<CpuSummary> parts(3, CpuSummary(limit));
    for (const Datapoint& p : points)
      observe(parts[random() % 3], p.place, p.time, p.percent, p.ref);
    parts[2].merge(parts[0]);
    parts[2].merge(parts[1]);
    parts[2].merge(parts[1]);
    const std::string text = to_text(expected);
    RC_ASSERT(to_text(parts[2]) == text);
    RC_ASSERT(limit == 6 || text.find("CPU flat at 60 %") != std::string::npos);
  }));
}

}  // namespace
}  // namespace davy::detect

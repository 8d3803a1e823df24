// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_plateau.h"

#include <cmath>

#include <gtest/gtest.h>

#include "davy/detect/compute/cpu_test_load.h"
#include "davy/detect/compute/sliding_window.h"

namespace davy::detect {
namespace {

TEST(SlidingWindowTest, KnowsTheNewestValuesOnly) {
  SlidingWindow window(100);
  EXPECT_EQ(window.quantile(0.5), 0);
  for (int i = 1; i <= 150; ++i)
    window.add(i);
  EXPECT_EQ(window.size(), 100u);
  EXPECT_EQ(window.quantile(0.5), 100);  // of 51..150
  EXPECT_EQ(window.quantile(0.99), 149);
  EXPECT_EQ(window.count_at_least(141), 10u);
  EXPECT_EQ(window.count_at_least(151), 0u);
}

TEST(FindPlateausTest, AMinerStandsOutAtAnyLevel) {
  const struct {
    double level;
    bool static_alarm;
  } kCases[] = {{98, true}, {75, false}, {52, false}};
  for (const auto& c : kCases) {
    const auto found = find_plateaus(draw(0, 87, then_mines(quiet, 85, c.level)));
    ASSERT_EQ(found.size(), 1u) << c.level;
    const Plateau& plateau = found[0];
    EXPECT_EQ(plateau.first.ns, (kMonday + 85 * kHour).ns) << c.level;
    EXPECT_EQ(plateau.length(), 2 * kHour);
    EXPECT_NEAR(plateau.level, c.level, 0.5);
    EXPECT_LT(plateau.deviation, 1);
    EXPECT_NEAR(plateau.usual, 22, 3);
    EXPECT_EQ(plateau.history, 864u);
    EXPECT_EQ(plateau.as_high, 0u);
    EXPECT_DOUBLE_EQ(plateau.tail(), 1.0 / 865);
    EXPECT_EQ(plateau.static_alarm, c.static_alarm);
    EXPECT_FALSE(plateau.born_busy());
  }
}

TEST(FindPlateausTest, SixSamplesMakeOneAndFiveDoNot) {
  EXPECT_TRUE(find_plateaus(draw(0, 50 + 5.0 / 12, then_mines(quiet, 50, 90))).empty());
  EXPECT_EQ(find_plateaus(draw(0, 50 + 6.0 / 12, then_mines(quiet, 50, 90))).size(), 1u);
}

TEST(FindPlateausTest, WhatIsNotFlatHighOrUnusualIsNone) {
  const struct {
    std::string_view name;
    LoadAt load;
  } kCases[] = {
      {"everyday load", quiet},
      {"idle", idle},
      {"batch work", [](double h) { return h < 80 ? idle(h) : busy_but_uneven(h); }},
      {"flat, but 18 points above the median",
       [](double h) { return h < 80 ? Load{20, 1} : Load{38, 0.5}; }},
      {"flat, but not above its own 99th percentile",
       [](double h) { return h < 80 ? Load{40, 38} : Load{66, 0.5}; }},
      {"flat from birth, but low", [](double) { return Load{40, 0.5}; }},
      {"high from birth, but uneven", busy_but_uneven},
  };
  for (const auto& c : kCases)
    EXPECT_TRUE(find_plateaus(draw(0, 90, c.load)).empty()) << c.name;
}

TEST(FindPlateausTest, MiningNeverBecomesItsOwnNormal) {
  // Ten days of it, one break of half an hour: both parts are seen against the days before.
  const auto load = [](double h) {
    return h < 48 || (h > 150 && h < 150.5) ? quiet(h) : Load{85, 1};
  };
  const auto found = find_plateaus(draw(0, 288, load));
  ASSERT_EQ(found.size(), 2u);
  for (const Plateau& plateau : found) {
    EXPECT_GT(plateau.length(), 4 * kDay);
    EXPECT_NEAR(plateau.usual, 22, 3);
    EXPECT_EQ(plateau.as_high, 0u);
  }
}

TEST(FindPlateausTest, ANewLevelIsANewPlateau) {
  const auto load = [](double h) { return h < 50 ? quiet(h) : Load{h < 53 ? 60.0 : 95.0, 1}; };
  const auto found = find_plateaus(draw(0, 56, load));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NEAR(found[0].level, 60, 1);
  EXPECT_NEAR(found[1].level, 95, 1);
}

TEST(FindPlateausTest, OfficeHoursAreNoNews) {
  // Logs begin at midnight. Working hours of the first day that are not dead flat are its normal.
  const auto office = [](double reach) {
    return [reach](double h) {
      const double of_day = std::fmod(h, 24);
      return of_day >= 13 && of_day < 23 ? Load{52, reach} : Load{20, 5};
    };
  };
  EXPECT_TRUE(find_plateaus(draw(0, 48, office(8))).empty());
  const auto samples = draw(0, 48, office(1));
  const auto flat = find_plateaus(samples);
  ASSERT_EQ(flat.size(), 2u);
  EXPECT_LT(flat[0].history, kFullHistory);
  EXPECT_NE(habit_of(flat[1], 0, stays_near(flat[1].level, samples, 0), {}), "");
}

TEST(StaysNearTest, AreAtLeastAQuarterOfAnHourLong) {
  std::vector<CpuSample> samples;
  for (const double percent : {50.0, 52.0, 48.0, 20.0, 55.0, 45.0, 90.0, 59.0, 60.0, 41.0, 40.0})
    samples.push_back({100 + static_cast<int64_t>(samples.size()), percent});
  samples.push_back({120, 50});  // after a gap
  const auto stays = stays_near(50, samples, 7);
  ASSERT_EQ(stays.size(), 2u);
  EXPECT_EQ(stays[0].first.ns, 100 * kCpuSlot);
  EXPECT_EQ(stays[0].length, 3 * kCpuSlot);
  EXPECT_EQ(stays[1].first.ns, 107 * kCpuSlot);
  EXPECT_EQ(stays[1].length, 4 * kCpuSlot);
  EXPECT_EQ(stays[1].machine, 7u);
}

TEST(FindPlateausTest, OneLostSampleDoesNotCut) {
  auto samples = draw(0, 60, then_mines(quiet, 50, 90));
  samples.erase(samples.begin() + 55 * 12);
  EXPECT_EQ(find_plateaus(samples).size(), 1u);
  samples.erase(samples.begin() + 55 * 12, samples.begin() + 55 * 12 + 3);
  const auto cut = find_plateaus(samples);
  ASSERT_EQ(cut.size(), 2u);
  EXPECT_EQ(cut[1].end.ns, (kMonday + 60 * kHour).ns);
}

TEST(FindPlateausTest, BornBusyNeedsAnHourWithoutAPast) {
  const auto mines = [](double) { return Load{75, 1}; };
  EXPECT_TRUE(find_plateaus(draw(30, 30 + 11.0 / 12, mines)).empty());
  const auto found = find_plateaus(draw(30, 34, mines));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].born_busy());
  EXPECT_EQ(found[0].length(), 4 * kHour);
  // Two samples of booting do not hide it.
  const auto booting = find_plateaus(draw(30, 34, then_mines(idle, 30 + 2.0 / 12, 75)));
  ASSERT_EQ(booting.size(), 1u);
  EXPECT_TRUE(booting[0].born_busy());
}

TEST(PersistenceWeightTest, GrowsWithTime) {
  EXPECT_DOUBLE_EQ(persistence_weight(30 * kMinute), 1.0);
  EXPECT_DOUBLE_EQ(persistence_weight(59 * kMinute), 1.0);
  EXPECT_DOUBLE_EQ(persistence_weight(kHour), 1.3);
  EXPECT_DOUBLE_EQ(persistence_weight(2 * kHour), 1.6);
  EXPECT_DOUBLE_EQ(persistence_weight(9 * kDay), 1.6);
}

/// Hours since Monday, how many, and at how many percent.
struct Span {
  double from;
  double hours;
  double level = 98;
};

Episode episode(Span span, uint64_t machine = 0) {
  const auto ns = [](double hours) { return std::llround(hours * 3600) * kSecond; };
  return {machine, kMonday + ns(span.from), ns(span.hours), span.level};
}

Plateau plateau(Span span) {
  Plateau plateau;
  plateau.first = episode(span).first;
  plateau.end = plateau.first + episode(span).length;
  plateau.level = span.level;
  return plateau;
}

TEST(HabitTest, ComesBackAndRests) {
  const struct {
    std::string_view name;
    Span self;
    std::vector<Span> others;
    std::string_view why;  ///< part of it; empty: no habit
  } kCases[] = {
      {"first time", {85, 6}, {}, ""},
      {"second night at the same time", {25, 5}, {{1, 5}}, "1 earlier day"},
      {"20 minutes later", {25.33, 5}, {{1, 5}}, "1 earlier day"},
      {"the next day, another time", {29, 5}, {{1, 5}}, ""},
      {"three days, any time", {60, 1}, {{10, 1}, {40, 1}}, "high on 3 days"},
      {"nights before were far shorter", {49, 5.5}, {{1, 1}, {25, 1}}, ""},
      {"second night, another level", {25, 5, 75}, {{1, 5, 98}}, ""},
      {"four bursts on two days", {13, 0.6}, {{14, 0.6}, {37, 0.6}, {39, 0.6}}, "4 bursts"},
      {"four bursts in a day", {13, 0.6}, {{14, 0.6}, {15, 0.6}, {16, 0.6}}, "4 bursts"},
      {"three bursts in a day", {13, 0.6}, {{14, 0.6}, {15, 0.6}}, ""},
      {"fifteen hours a day", {36, 15}, {{12, 15}, {60, 15}, {84, 15}}, "earlier"},
      {"no rest at all", {33, 15.9}, {{1, 15.9}, {17, 15.9}, {49, 15.9}}, ""},
      {"a day long is no shift", {48, 20}, {{0, 20}, {24, 20}}, ""},
  };
  for (const auto& c : kCases) {
    std::vector<Episode> own = {episode(c.self)};
    for (const Span& span : c.others)
      own.push_back(episode(span));
    const std::string why = habit_of(plateau(c.self), 0, own, {});
    if (c.why.empty()) {
      EXPECT_EQ(why, "") << c.name;
    } else {
      EXPECT_NE(why.find(c.why), std::string::npos) << c.name << ": " << why;
    }
  }
}

TEST(HabitTest, OfAFleet) {
  const Plateau night = plateau({73, 5});
  const std::vector<Episode> own = {episode({73, 5})};
  std::vector<Episode> fleet = {episode({1, 5}, 1), episode({25, 5}, 2)};
  EXPECT_EQ(habit_of(night, 0, own, fleet), "") << "two machines are none";
  fleet.push_back(episode({97, 5}, 0));
  EXPECT_EQ(habit_of(night, 0, own, fleet), "") << "its own are not the fleet's";
  fleet.push_back(episode({49, 5}, 3));
  EXPECT_NE(habit_of(night, 0, own, fleet).find("3 machines of its kind"), std::string::npos);

  std::vector<Episode> together;
  for (uint64_t machine = 1; machine <= 3; ++machine)
    together.push_back(episode({10, 5}, machine));
  EXPECT_EQ(habit_of(night, 0, own, together), "") << "once is an event, not a habit";
  for (uint64_t machine = 1; machine <= 3; ++machine)
    together.push_back(episode({41, 5}, machine));
  EXPECT_NE(habit_of(night, 0, own, together).find("2 other days"), std::string::npos);
}

}  // namespace
}  // namespace davy::detect

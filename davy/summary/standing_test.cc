// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/standing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace davy::summary {
namespace {

/// A call told by a number: which service or task definition, when, how many.
void observe(StandingCompute& compute, uint16_t number) {
  const std::string name = fmt::format("s{}", number % 3);
  const std::string_view names[] = {name};
  event::ApiCall call;
  if (number % 2 == 0) {
    call.standing.emplace();
    call.standing->names = names;
    call.standing->units = number % 7;
  } else {
    call.recipe.emplace();
    call.recipe->names = names;
    call.recipe->vcpus = number % 5;
  }
  event::Event event;
  event.account = "111122223333";
  event.region = "us-east-1";
  event.actor.access_key = "AKIA1";
  event.time = event.end = Time{(1 + number / 8) * kMinute};
  event.api = &call;
  compute.observe(event);
}

StandingCompute compute_of(const std::vector<uint16_t>& numbers) {
  StandingCompute compute;
  for (const uint16_t number : numbers)
    observe(compute, number);
  return compute;
}

std::string text_of(const StandingCompute& compute) {
  std::string text;
  for (const StandingFact* fact : compute.changed_by({"AKIA1"})) {
    text += fact->id;
    for (const StandingChange& change : fact->changes)
      text += fmt::format(" {}:{}", change.time.ns, change.units.value_or(99));
    text += '\n';
  }
  for (int service = 0; service < 3; ++service) {
    const RecipeVersion* found =
        compute.find_recipe("111122223333", "us-east-1", fmt::format("s{}", service), Time{kDay});
    text += found == nullptr ? "none\n" : fmt::format("{} {}\n", found->time.ns, found->vcpus);
  }
  return text;
}

TEST(StandingCompute, OrderSplitsAndCopiesChangeNothing) {
  EXPECT_TRUE(rc::check([](const std::vector<uint16_t>& numbers, uint8_t cut) {
    const std::string whole = text_of(compute_of(numbers));
    const auto middle =
        numbers.begin() + static_cast<long>(numbers.empty() ? 0 : cut % numbers.size());
    StandingCompute merged = compute_of({middle, numbers.end()});
    merged.merge(compute_of({numbers.begin(), middle}));
    merged.merge(compute_of(numbers));
    RC_ASSERT(text_of(merged) == whole);
    RC_ASSERT(text_of(compute_of({numbers.rbegin(), numbers.rend()})) == whole);
  }));
}

TEST(StandingCompute, ARecipeIsWhatWasRegisteredByThen) {
  StandingCompute compute;
  observe(compute, 1);  // s1 in the first minute, one vCPU
  observe(compute, 1 + 8 * 30);
  const auto vcpus = [&](int minute) {
    const RecipeVersion* version =
        compute.find_recipe("111122223333", "us-east-1", "s1", Time{minute * kMinute});
    return version == nullptr ? -1 : version->vcpus;
  };
  EXPECT_EQ(vcpus(0), -1);
  EXPECT_EQ(vcpus(1), 1);
  EXPECT_EQ(compute.find_recipe("999", "us-east-1", "s1", Time{kDay}), nullptr);
}

TEST(StandingCompute, AFailedCallChangesNothing) {
  const std::string_view names[] = {"s"};
  event::ApiCall call;
  call.failed = true;
  call.standing.emplace();
  call.standing->names = names;
  event::Event event;
  event.actor.access_key = "AKIA1";
  event.api = &call;
  StandingCompute compute;
  compute.observe(event);
  EXPECT_TRUE(compute.changed_by({"AKIA1"}).empty());
}

/// So many calls on one thing each, by a key of their own.
void observe_many(StandingCompute& compute, StandingKind kind, size_t count,
                  std::string_view key = "AKIABATCH") {
  for (size_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("n{}", i);
    const std::string_view names[] = {name};
    event::ApiCall call;
    call.standing.emplace();
    call.standing->kind = kind;
    call.standing->names = names;
    event::Event event;
    event.actor.access_key = key;
    event.api = &call;
    compute.observe(event);
  }
}

TEST(StandingCompute, TellsWhenThereAreMoreThanAreKnown) {
  StandingCompute compute;
  observe_many(compute, StandingKind::kService, StandingCompute::kMaxFacts);
  EXPECT_TRUE(compute.notes().empty());
  observe_many(compute, StandingKind::kService, StandingCompute::kMaxFacts + 1);
  EXPECT_EQ(
      compute.notes(),
      (std::vector<std::string>{
          "more than 10,000 ECS services: those of a sample are known, so incidents may leave "
          "some out of what is to be ended, and of the cost"}));
}

TEST(StandingCompute, ManyTasksPushOutNoService) {
  StandingCompute services;
  observe_many(services, StandingKind::kService, 100, "AKIATHIEF");
  StandingCompute tasks;
  observe_many(tasks, StandingKind::kTask, 6 * StandingCompute::kMaxFacts);
  tasks.merge(std::move(services));
  EXPECT_EQ(tasks.changed_by({"AKIATHIEF"}).size(), 100u);
  EXPECT_EQ(tasks.changed_by({"AKIABATCH"}).size(), StandingCompute::kMaxFacts);
  ASSERT_EQ(tasks.notes().size(), 1u);
  EXPECT_NE(tasks.notes()[0].find("ECS tasks"), std::string::npos);
}

}  // namespace
}  // namespace davy::summary

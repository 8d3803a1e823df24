// SPDX-License-Identifier: Apache-2.0
// The predicates about one field, grouped by how they are answered in bulk.
#pragma once

#include <cstdint>
#include <vector>

#include "davy/event/field.h"
#include "davy/sigma/internal/exact_table.h"
#include "davy/sigma/internal/fired.h"
#include "davy/sigma/internal/pattern_set.h"
#include "davy/sigma/internal/predicate.h"
#include "davy/sigma/internal/value.h"

namespace davy::sigma::internal {

class FieldTests {
 public:
  explicit FieldTests(event::Slot slot) : slot_(slot) {}

  /// The predicate's test has to outlive this.
  void add(const Predicate& predicate, uint32_t id);
  void finish();

  event::Slot slot() const { return slot_; }
  bool is_keywords() const { return slot_ == kKeywordSlot; }

  /// Once per thread, before run().
  void prepare(ScanSpace& space) const { patterns_.prepare(space); }

  /// Fires what holds for the field's values.
  void run(const event::Fields& fields, const ScanSpace& space, Fired& fired) const {
    if (is_keywords()) {
      for (const std::string_view text : fields.all_values())
        run_text(text, space, fired);
      return;
    }
    for (const event::Value& value : fields.values(slot_)) {
      if (simple_ && is_text(value) && (numbers_.empty() || is_plain_integer(value.text))) {
        exact_.find(value.text, [&](uint32_t id) { fired.set(id); });
      } else {
        run_value(value, space, fired);
      }
    }
    if (!references_.empty()) run_references(fields, fired);
  }

 private:
  template <typename T>
  struct Asked {
    const T* test;
    uint32_t predicate;
  };
  struct Reference {
    const FieldRefTest* test;
    std::vector<event::Slot> others;
    uint32_t predicate;
  };

  static bool is_text(const event::Value& value) {
    return value.type != event::Value::Type::kNull && value.type != event::Value::Type::kContainer;
  }
  void add_number(const NumberTest& test, uint32_t id);
  void run_value(const event::Value& value, const ScanSpace& space, Fired& fired) const;
  void run_text(std::string_view text, const ScanSpace& space, Fired& fired) const;
  void run_numbers(std::string_view text, Fired& fired) const;
  void run_references(const event::Fields& fields, Fired& fired) const;

  event::Slot slot_;
  bool simple_ = false;        ///< the table answers everything about plain integers and words
  bool always_parse_ = false;  ///< some number cannot be found by its spelling
  ExactTable exact_;
  PatternSet patterns_;
  std::vector<uint32_t> exists_;
  std::vector<uint32_t> not_null_;
  std::vector<uint32_t> any_text_;
  std::vector<Asked<NumberTest>> numbers_;
  std::vector<Asked<CompareTest>> compares_;
  std::vector<Asked<NetworkTest>> networks_;
  std::vector<Asked<TimeTest>> times_;
  std::vector<Asked<ElementTest>> elements_;
  std::vector<Reference> references_;
};

}  // namespace davy::sigma::internal

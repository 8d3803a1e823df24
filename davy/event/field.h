// SPDX-License-Identifier: Apache-2.0
// Raw fields of a record, as rules name them.
//
// Before decoding starts, everybody who will read a format (its rules, its own event mapping) asks
// for field paths; each path becomes a dense slot in the format's Schema. The decoder then fills
// only those slots: what nobody asked for is never unescaped or copied.
//
//   Schema schema;  const Slot type = schema.add("requestParameters.instanceType");
//   ... decode ...  for (const Value& v : fields.values(type)) use(v.text);
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace davy::event {

using Slot = uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

/// One value of one field. `text` is a view into the record or the worker's arena and dies with the
/// record.
struct Value {
  enum class Type : uint8_t {
    kNull,       ///< JSON null, auditd "(null)": present and empty
    kBool,       ///< text is "true" or "false"
    kNumber,     ///< text is the number as written
    kString,     ///< text is the unescaped string
    kContainer,  ///< an object or array; text is its raw JSON, so that it exists and can be walked
  };

  Type type = Type::kString;
  std::string_view text;
  uint32_t next = UINT32_MAX;  ///< index of the slot's next value; owned by Fields
};

/// The field paths of one format that somebody reads. Filled at start, then only read: sharing it
/// between threads is safe once decoding has begun.
///
/// Paths are dotted ("userIdentity.type"). Arrays are transparent: a path through an array yields
/// one value per element. "items[0].name" picks one element.
class Schema {
 public:
  /// The slot of `path`, added when new.
  Slot add(std::string_view path);

  /// The slot of `path`, or kNoSlot.
  Slot find(std::string_view path) const;

  size_t size() const { return paths_.size(); }
  const std::string& path(Slot slot) const { return paths_[slot]; }

  /// Asks for every scalar of the record as well (Sigma keywords search the whole event).
  void want_all_values() { all_values_ = true; }
  bool all_values() const { return all_values_; }

 private:
  std::map<std::string, Slot, std::less<>> slots_;
  std::vector<std::string> paths_;
  bool all_values_ = false;
};

/// The values of the current record. One per worker, reused for every record.
class Fields {
 public:
  /// Walks the values of one slot in record order.
  class Iterator {
   public:
    Iterator(const std::vector<Value>* pool, uint32_t index) : pool_(pool), index_(index) {}
    const Value& operator*() const { return (*pool_)[index_]; }
    const Value* operator->() const { return &(*pool_)[index_]; }
    Iterator& operator++() {
      index_ = (*pool_)[index_].next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const std::vector<Value>* pool_;
    uint32_t index_;
  };
  struct Range {
    Iterator first;
    Iterator last;
    Iterator begin() const { return first; }
    Iterator end() const { return last; }
    bool empty() const { return !(first != last); }
  };

  /// Forgets the previous record. `slots` is the size of the format's schema.
  void reset(size_t slots) {
    used_ = 0;
    all_.clear();
    if (heads_.size() < slots) heads_.resize(slots);
    if (++generation_ == 0) {  // wrapped: stale heads would look current
      for (Head& head : heads_)
        head.generation = 0;
      generation_ = 1;
    }
  }

  void add(Slot slot, Value::Type type, std::string_view text) {
    if (used_ == pool_.size()) pool_.resize(2 * used_ + 16);
    const uint32_t index = used_++;
    Value* const pool = pool_.data();
    // Member by member: a whole Value would be put together in narrow stores and read back in wide
    // loads, and the processor waits for that.
    pool[index].type = type;
    pool[index].text = text;
    pool[index].next = UINT32_MAX;
    Head& head = heads_.data()[slot];  // reset() made room for every slot
    if (head.generation != generation_) {
      head = {generation_, index, index};
    } else {
      pool[head.last].next = index;
      head.last = index;
    }
  }

  /// Gives the `index`-th value since reset() another content: for tables, whose columns stay.
  void replace(uint32_t index, Value::Type type, std::string_view text) {
    Value* const value = pool_.data() + index;
    value->type = type;
    value->text = text;
  }
  void forget_all_values() { all_.clear(); }

  Range values(Slot slot) const {
    const uint32_t first = has(slot) ? heads_[slot].first : UINT32_MAX;
    return {{&pool_, first}, {&pool_, UINT32_MAX}};
  }

  bool has(Slot slot) const {
    return slot < heads_.size() && heads_[slot].generation == generation_;
  }

  /// Slots there may be values of.
  size_t slots() const { return heads_.size(); }

  /// The first scalar of the slot, or empty: what event mappings read.
  std::string_view text(Slot slot) const {
    if (!has(slot)) return {};
    const Value* value = &pool_[heads_[slot].first];
    // A list is its container first, then its elements.
    while (value->type == Value::Type::kContainer && value->next != UINT32_MAX)
      value = &pool_[value->next];
    return value->type == Value::Type::kNull || value->type == Value::Type::kContainer
               ? std::string_view{}
               : value->text;
  }

  /// Every scalar of the record, filled only when the schema wants all values.
  void add_any(std::string_view text) { all_.push_back(text); }
  const std::vector<std::string_view>& all_values() const { return all_; }

 private:
  struct Head {
    uint32_t generation = 0;
    uint32_t first = 0;
    uint32_t last = 0;
  };

  std::vector<Value> pool_;  ///< the first used_ are the record's
  uint32_t used_ = 0;
  std::vector<Head> heads_;
  std::vector<std::string_view> all_;
  uint32_t generation_ = 0;
};

}  // namespace davy::event

// SPDX-License-Identifier: Apache-2.0
// Errors as values. Every function that meets outside data returns Result<T>; exceptions never
// cross a module's face. The interface is a strict subset of std::expected, so that a later switch
// is mechanical.
//
//   Result<Config> load(path) {
//     std::string text = DAVY_TRY(read_file(path));
//     return parse(text).context(fmt::format("in {}", path));
//   }
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace davy {

/// What kind of failure it is, told apart by what the caller can do about it.
enum class ErrorCode {
  kInvalidInput,   ///< the data is wrong; trying again cannot help
  kUnsupported,    ///< the data may be right, Davy cannot read it
  kNotFound,       ///< the named thing does not exist
  kPermission,     ///< the thing exists, we may not read it
  kLimitExceeded,  ///< a stated bound was passed (size, depth, ratio)
  kIo,             ///< the operating system failed us
  kUsage,          ///< the command line is wrong
  kInternal,       ///< a bug in Davy
};

/// A failure: code, one sentence for a person, and the chain of places it passed through.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  /// Puts "where: " before the message. Outer callers are added in front.
  Error context(std::string_view where) && {
    message_.insert(0, std::string(where) + ": ");
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string message_;
};

template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T>, "a Result cannot hold a reference");
  static_assert(!std::is_same_v<T, Error>, "an Error is not a value");

 public:
  // Implicit on purpose: `return value;` and `return Error{...};` are the whole call-site syntax.
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }
  T value_or(T fallback) && { return has_value() ? std::move(*this).value() : std::move(fallback); }

  Result context(std::string_view where) && {
    if (has_value()) return std::move(*this);
    return std::get<1>(std::move(state_)).context(where);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

  Result context(std::string_view where) && {
    if (has_value()) return {};
    return std::move(*error_).context(where);
  }

 private:
  std::optional<Error> error_;
};

namespace internal {
template <typename T>
T take(Result<T>&& result) {
  return std::move(result).value();
}
inline void take(Result<void>&&) {}
}  // namespace internal

}  // namespace davy

#define DAVY_CONCAT_(a, b) a##b
#define DAVY_CONCAT(a, b) DAVY_CONCAT_(a, b)
#define DAVY_TRY_(name, expr)                              \
  __extension__({                                          \
    auto name = (expr);                                    \
    if (!name.has_value()) return std::move(name).error(); \
    ::davy::internal::take(std::move(name));               \
  })

/// Yields the value of a Result, or returns its error from the enclosing function.
#define DAVY_TRY(expr) DAVY_TRY_(DAVY_CONCAT(davy_try_, __COUNTER__), expr)

// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/shell_words.h"

#include "davy/base/text.h"

namespace davy::intel {
namespace {

constexpr size_t kMostWords = 4096;

class Splitter {
 public:
  explicit Splitter(std::string_view text)
      : text_(text), json_(text.starts_with("[\"") || text.starts_with("['")) {}

  std::vector<Command> split() {
    while (at_ < text_.size() && words_ < kMostWords) {
      if (is_separator(text_[at_])) {
        ++at_;
      } else if (const size_t length = operator_length(); length > 0) {
        at_ += length;
        end_command();
      } else {
        read_word();
      }
    }
    end_command();
    return std::move(commands_);
  }

 private:
  bool is_separator(char c) const {
    return (is_ascii_space(c) && c != '\n') || c == '<' || c == '>' ||
           (json_ && (c == '[' || c == ']' || c == ','));
  }

  /// Length of the operator that ends a command here. A lone '&' inside a word is part of an
  /// unquoted web address more often than an operator.
  size_t operator_length() const {
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    if (c == '$' && next == '(') return 2;
    if (c == '&') return next == '&' ? 2 : is_ascii_space(next) ? 1 : 0;
    return std::string_view("\n;|`(){}").find(c) != std::string_view::npos ? 1 : 0;
  }

  /// Only what must end a word that has begun.
  bool ends_word() const {
    const char c = text_[at_];
    if (is_separator(c) || c == '\n' || c == ';' || c == '|' || c == '`' || c == ')') return true;
    // f("command"): quoted text in a script's call.
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    if (c == '(' && (next == '"' || next == '\'')) return true;
    return (c == '&' || c == '$') && operator_length() > 0;
  }

  void read_word() {
    const char first = text_[at_];
    if (first == '"' || first == '\'') {
      const size_t close = closing_quote(at_);
      const bool whole = close + 1 >= text_.size() || is_separator(text_[close + 1]) ||
                         is_ascii_space(text_[close + 1]) || text_[close + 1] == ';' ||
                         text_[close + 1] == ')' || text_[close + 1] == '|';
      if (whole) {
        add(text_.substr(at_ + 1, close - at_ - 1), true);
        at_ = close + 1;
        return;
      }
    }
    const size_t start = at_;
    while (at_ < text_.size() && !ends_word()) {
      const bool quote = text_[at_] == '"' || text_[at_] == '\'';
      at_ = quote ? closing_quote(at_) + 1 : at_ + 1;
    }
    if (at_ > text_.size()) at_ = text_.size();
    if (at_ == start) ++at_;  // a character that starts no word
    add(text_.substr(start, at_ - start), false);
  }

  /// Position of the quote that ends the one at `open`, or the end of the text.
  size_t closing_quote(size_t open) const {
    for (size_t i = open + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\' && text_[open] == '"') {
        ++i;
      } else if (text_[i] == text_[open]) {
        return i;
      }
    }
    return text_.size();
  }

  void add(std::string_view word, bool quoted) {
    command_.push_back({word, quoted});
    ++words_;
  }

  void end_command() {
    if (!command_.empty()) commands_.push_back(std::move(command_));
    command_.clear();
  }

  std::string_view text_;
  bool json_;
  size_t at_ = 0;
  size_t words_ = 0;
  Command command_;
  std::vector<Command> commands_;
};

}  // namespace

std::vector<Command> split_commands(std::string_view text) {
  return Splitter(text).split();
}

}  // namespace davy::intel

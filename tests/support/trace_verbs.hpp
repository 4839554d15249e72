// The words of trace_text that stand for one record each, and for types and errors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "instrument/format/event.hpp"

namespace interlock::testing {

/// Verbs that write one record with an object of a type and, where the kind is numbered, its next number.
struct plain_verb {
    format::event_kind kind;
    format::object_type type;
};

const std::map<std::string, plain_verb, std::less<>>& plain_verbs();

/// Verbs about another agent.
const std::map<std::string, format::event_kind, std::less<>>& agent_verbs();

/// Verbs with a number and no object.
const std::map<std::string, format::event_kind, std::less<>>& number_verbs();

/// `mutex`, `shared_mutex` and so on; nothing if the word is no type.
std::optional<format::object_type> type_named(std::string word);

/// `EDEADLK`, or a number.
std::uint32_t error_named(const std::string& word);

}  // namespace interlock::testing

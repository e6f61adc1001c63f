#include "feed/field_path.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"

namespace surged {
namespace {

/// ~1 and ~0 taken out. nullopt: a tilde stands before something else.
std::optional<std::string> without_tildes(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            out.push_back(token[i]);
            continue;
        }
        const char next = i + 1 < token.size() ? token[i + 1] : '\0';
        if (next != '0' && next != '1') {
            return std::nullopt;
        }
        out.push_back(next == '0' ? '~' : '/');
        ++i;
    }
    return out;
}

/// The next token of a pointer, moved past with its slash. One in brackets ends with the bracket.
std::string_view take_token(std::string_view& rest) {
    rest.remove_prefix(1);
    std::size_t end = 0;
    if (rest.starts_with('[')) {
        for (end = rest.find(']'); end != std::string_view::npos && end + 1 < rest.size() && rest[end + 1] != '/';) {
            end = rest.find(']', end + 1);
        }
        end = end == std::string_view::npos ? rest.size() : end + 1;
    } else {
        end = std::min(rest.find('/'), rest.size());
    }
    const auto token = rest.substr(0, end);
    rest.remove_prefix(end);
    return token;
}

const JsonValue* item_at(const JsonValue::Array& items, std::string_view place) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(place.data(), place.data() + place.size(), index);
    const bool whole = error == std::errc{} && end == place.data() + place.size() && (place.size() == 1 || place.front() != '0');
    return whole && index < items.size() ? &items[index] : nullptr;
}

}  // namespace

std::optional<std::string> plain_text(const JsonValue& value) {
    if (const auto* text = value.text()) {
        return *text;
    }
    if (const auto* flag = value.boolean()) {
        return *flag ? "true" : "false";
    }
    if (const auto whole = value.integer()) {
        return std::to_string(*whole);
    }
    if (const auto natural = value.natural()) {
        return std::to_string(*natural);
    }
    if (const auto number = value.number()) {
        return format_number(*number);
    }
    return std::nullopt;
}

Result<FieldPath::Step> FieldPath::parse_step(std::string_view token) {
    Step step;
    if (token == "*") {
        step.every = true;
        return step;
    }
    if (!token.starts_with('[')) {
        auto name = without_tildes(token);
        if (!name) {
            return fail("a ~ in a name is written ~0, a slash ~1");
        }
        step.name = std::move(*name);
        return step;
    }
    if (!token.ends_with(']')) {
        return fail("a [ is not closed");
    }
    token = token.substr(1, token.size() - 2);
    step.every = true;
    for (std::size_t at = 0; at <= token.size();) {
        const auto end = std::min(token.find(',', at), token.size());
        const auto part = token.substr(at, end - at);
        at = end + 1;
        const auto equals = part.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            return fail("inside [ ] stand conditions: [name=value] or [a=x,b/c=y]");
        }
        Condition condition;
        condition.value = part.substr(equals + 1);
        const auto path = part.substr(0, equals);
        for (std::size_t from = 0; from <= path.size();) {
            const auto slash = std::min(path.find('/', from), path.size());
            condition.path.emplace_back(path.substr(from, slash - from));
            from = slash + 1;
        }
        if (condition.path.size() > steps_max || step.conditions.size() == steps_max) {
            return fail("has more than 32 steps");
        }
        step.conditions.push_back(std::move(condition));
    }
    return step;
}

Result<FieldPath> FieldPath::parse(std::string_view text) {
    FieldPath out;
    out.text_ = text;
    auto rest = text;
    while (rest.starts_with("../")) {
        rest.remove_prefix(3);
        ++out.up_;
    }
    if (out.up_ > steps_max) {
        return fail("has more than 32 steps");
    }
    if (rest.empty()) {
        return out;
    }
    const bool climbs = out.up_ > 0;
    if (!rest.starts_with('/') && !climbs) {
        Step name;
        name.name = rest;
        out.steps_.push_back(std::move(name));
        return out;
    }
    // After ../ the first slash is the one of the dots.
    std::string pointer = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
    for (std::string_view left = pointer; !left.empty();) {
        auto step = parse_step(take_token(left));
        if (!step) {
            return tl::unexpected(step.error());
        }
        if (!left.empty() && left.front() != '/') {
            return fail("after ] comes a slash or the end");
        }
        if (out.steps_.size() == steps_max) {
            return fail("has more than 32 steps");
        }
        out.steps_.push_back(std::move(*step));
    }
    return out;
}

bool FieldPath::holds(const JsonValue& item, const Condition& condition) {
    const JsonValue* at = &item;
    for (const auto& name : condition.path) {
        at = at->find(name);
        if (at == nullptr) {
            return false;
        }
    }
    const auto text = plain_text(*at);
    return text && *text == condition.value;
}

void FieldPath::walk(const Step& step, const JsonValue& from, std::vector<const JsonValue*>& out) {
    const auto* items = from.array();
    if (!step.every) {
        const auto* found = items != nullptr ? item_at(*items, step.name) : from.find(step.name);
        if (found != nullptr) {
            out.push_back(found);
        }
        return;
    }
    const auto take = [&](const JsonValue& item) {
        if (std::all_of(step.conditions.begin(), step.conditions.end(), [&](const Condition& c) { return holds(item, c); })) {
            out.push_back(&item);
        }
    };
    if (items != nullptr) {
        std::for_each(items->begin(), items->end(), take);
    } else if (const auto* members = from.object(); members != nullptr) {
        for (const auto& [name, member] : *members) {
            take(member);
        }
    }
}

std::vector<const JsonValue*> FieldPath::find(RowChain rows) const {
    return find(rows, steps_.size());
}

bool FieldPath::parent_there(RowChain rows) const {
    if (steps_.size() < 2) {
        return false;
    }
    const auto found = find(rows, steps_.size() - 1);
    return std::any_of(found.begin(), found.end(), [](const JsonValue* value) { return !value->is_null(); });
}

std::vector<const JsonValue*> FieldPath::find(RowChain rows, std::size_t steps) const {
    if (up_ >= rows.size()) {
        return {};
    }
    std::vector<const JsonValue*> found{rows[rows.size() - 1 - up_]};
    for (std::size_t i = 0; i < steps; ++i) {
        std::vector<const JsonValue*> next;
        for (const auto* from : found) {
            walk(steps_[i], *from, next);
        }
        found = std::move(next);
    }
    return found;
}

std::vector<const JsonValue*> FieldPath::find(const JsonValue& row) const {
    const JsonValue* rows[] = {&row};
    return find(RowChain(rows));
}

const JsonValue* FieldPath::first(RowChain rows) const {
    const auto found = find(rows);
    const auto is = std::find_if(found.begin(), found.end(), [](const JsonValue* value) { return !value->is_null(); });
    return is == found.end() ? nullptr : *is;
}

}  // namespace surged

#include "app/stored_state.hpp"

#include <string>

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("stored state: what is read is what was written, and a storm's words take a fraction of their room") {
    std::string state(4, '\1');
    for (int i = 0; i < 5000; ++i) {
        state += "incident 0-" + std::to_string(i) + " of centre jinan, page to lead-" + std::to_string(i % 21) + " accepted";
    }
    const auto stored = stored_state(state);
    CHECK(stored.size() * 5 < state.size());
    CHECK(state_of(stored) == state);
    CHECK(state_of(stored_state("")) == std::string());
}

TEST_CASE("stored state: one that is damaged anywhere is none, and what is not compressed is taken as it is") {
    const auto stored = stored_state(std::string(3000, 'x') + "end");
    for (std::size_t i = 8; i < stored.size(); ++i) {
        auto spoiled = stored;
        spoiled[i] = static_cast<char>(spoiled[i] ^ 0x40);
        CHECK((!state_of(spoiled) || *state_of(spoiled) == std::string(3000, 'x') + "end"));  // a bit of the header that means nothing
        CHECK_FALSE(state_of(stored.substr(0, i)));
    }
    CHECK(state_of("a snapshot of another version") == "a snapshot of another version");
    CHECK(state_of("") == std::string());
}

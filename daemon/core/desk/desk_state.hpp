// The door's inside: what Desk keeps. Shared by the two files that implement Desk.
#pragma once

#include "core/desk/desk.hpp"
#include "core/incident/state.hpp"

namespace surged {

struct Desk::State {
    explicit State(const Plan& plan) : desk(plan) {}
    DeskState desk;
};

}  // namespace surged

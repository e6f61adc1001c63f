// A shared library that is loaded when it is needed. Private to this room.
#pragma once

#include <string>

#include "core/base/result.hpp"

namespace surged {

class SharedLibrary {
public:
    /// `package`: what the error tells to install. Stays loaded until the program ends: libraries of databases keep threads and
    /// exit handlers.
    static Result<SharedLibrary> open(const char* name, const char* package);
    /// Into `function` the symbol of that name. False: it has none, and missing() says which.
    template <typename Function>
    void find(const char* symbol, Function& function) {
        function = reinterpret_cast<Function>(find_symbol(symbol));
    }
    /// The first symbol that was not there; empty = all were.
    const std::string& missing() const { return missing_; }

private:
    explicit SharedLibrary(void* handle) : handle_(handle) {}
    void* find_symbol(const char* symbol);

    void* handle_;
    std::string missing_;
};

}  // namespace surged

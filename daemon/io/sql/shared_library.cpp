#include "io/sql/shared_library.hpp"

#include <dlfcn.h>

namespace surged {

Result<SharedLibrary> SharedLibrary::open(const char* name, const char* package) {
    void* handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        return fail(std::string("the driver's library ") + name + " is not on this host: apt-get install " + package);
    }
    return SharedLibrary(handle);
}

void* SharedLibrary::find_symbol(const char* symbol) {
    void* found = ::dlsym(handle_, symbol);
    if (found == nullptr && missing_.empty()) {
        missing_ = symbol;
    }
    return found;
}

}  // namespace surged

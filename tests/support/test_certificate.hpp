// A key and a self-signed certificate for 127.0.0.1, made for one test and removed after it.
#pragma once

#include <string>

namespace surged::test {

class TestCertificate {
public:
    /// Valid from so many seconds after now, until so many after now.
    explicit TestCertificate(long from_s = -60, long until_s = 3600);
    ~TestCertificate();
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;
    const std::string& certificate() const { return certificate_; }
    const std::string& key() const { return key_; }

private:
    std::string certificate_;
    std::string key_;
};

}  // namespace surged::test

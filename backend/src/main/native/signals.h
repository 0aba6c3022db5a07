// Java needs the handlers that it installs: a null check or a halt for the garbage collector arrives as SIGSEGV.
// tritonserver installs its own after the models are loaded. libjsig.so, preloaded, lets both have theirs.
#pragma once

namespace purekv {

bool libjsig_is_there();

// To be called when Java has started and libjsig is not there.
void remember_handlers();

// The second line, for a host without libjsig: puts Java's handlers back where the host has replaced them. Until the
// first call after that a fault in Java ends the process. Costs four system calls, or nothing with libjsig.
void restore_handlers();

}  // namespace purekv

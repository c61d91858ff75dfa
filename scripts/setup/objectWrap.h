// Since 24.19 Node's ObjectWrap takes an environment hook back in its destructor, which aborts the process
// when the garbage collector runs outside of any JavaScript; better-sqlite3 12 has such objects (13 has not,
// but wants Node 22). Compiled after this, its ObjectWrap is that of Node 20 and 22 again: the hooks are left out.
#include <node.h>
#define AddEnvironmentCleanupHook(...) ((void)0)
#define RemoveEnvironmentCleanupHook(...) ((void)0)
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook

/* What the tests ask Windows to do, through Windows' own functions:
     helper.exe state                  every registry key of HKLM and HKU and every service, to standard output
     helper.exe start NAME             start a service, wait until it starts no longer
     helper.exe run COMMAND-LINE       start a service.exe as a plain process and wait until it is ready; prints its id
     helper.exe certificate STORE      put the DER certificate of standard input into the store of the local machine;
                                       into ROOT it comes from Linux, of whose roots Wine keeps a copy there
     helper.exe stores                 open every certificate store once
   0 when done; else 1, with the error of Windows on standard error.
   Lines of `state`, UTF-8, fields separated by tabs, tab, line end and backslash in names escaped as by C:
     K path last-write | V name type hex | S name display-name state exit-code */
#include <windows.h>
#include <wincrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

static int failed(const char *what, DWORD error) {
    fprintf(stderr, "%s: error %lu\n", what, error);
    return 1;
}

/* stdio takes a lock for every byte, a million times. */
static char output[1 << 16];
static DWORD filled;

static void flush(void) {
    DWORD written;
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), output, filled, &written, NULL);
    filled = 0;
}

static void put_byte(char byte) {
    if (filled == sizeof output) flush();
    output[filled++] = byte;
}

static void put_text(const char *text) {
    while (*text) put_byte(*text++);
}

static void put_number(unsigned long long number) {
    char text[24];
    snprintf(text, sizeof text, "%llu", number);
    put_text(text);
}

static void put(const wchar_t *text, int length) {
    static char utf8[4 * 33000];
    int size = WideCharToMultiByte(CP_UTF8, 0, text, length, utf8, sizeof utf8, NULL, NULL);
    for (int i = 0; i < size; i++) {
        switch (utf8[i]) {
        case '\t': put_text("\\t"); break;
        case '\n': put_text("\\n"); break;
        case '\r': put_text("\\r"); break;
        case '\\': put_text("\\\\"); break;
        default: put_byte(utf8[i]);
        }
    }
}

static void put_values(HKEY key) {
    static wchar_t name[16384];
    static BYTE *data;
    static DWORD room;
    for (DWORD i = 0;; i++) {
        DWORD length = 16384, size = room, type;
        LSTATUS error = RegEnumValueW(key, i, name, &length, NULL, &type, data, &size);
        if (error == ERROR_MORE_DATA || (!error && !data)) {
            room = size + 4096;
            data = realloc(data, room);
            i--;
            continue;
        }
        if (error) return;
        put_text("V\t");
        put(name, length);
        put_byte('\t');
        put_number(type);
        put_byte('\t');
        for (DWORD n = 0; n < size; n++) {
            put_byte("0123456789abcdef"[data[n] >> 4]);
            put_byte("0123456789abcdef"[data[n] & 15]);
        }
        put_byte('\n');
    }
}

/* path has `length` characters and is used up to 32767. A link to another key is shown, not followed. */
static void put_key(HKEY parent, const wchar_t *name, wchar_t *path, int length) {
    HKEY key;
    if (RegOpenKeyExW(parent, name, REG_OPTION_OPEN_LINK, KEY_READ | KEY_WOW64_64KEY, &key)) return;
    FILETIME written = {0};
    RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &written);
    put_text("K\t");
    put(path, length);
    put_byte('\t');
    put_number((unsigned long long)written.dwHighDateTime << 32 | written.dwLowDateTime);
    put_byte('\n');
    put_values(key);
    wchar_t child[256];
    for (DWORD i = 0, size = 256; !RegEnumKeyExW(key, i, child, &size, NULL, NULL, NULL, NULL); i++, size = 256) {
        path[length] = L'\\';
        wmemcpy(path + length + 1, child, size);
        put_key(key, child, path, length + 1 + size);
    }
    RegCloseKey(key);
}

static int put_services(void) {
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ENUMERATE_SERVICE);
    DWORD size = 1 << 20, count = 0, resume = 0;
    BYTE *buffer = malloc(size);
    if (!EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32 | SERVICE_DRIVER, SERVICE_STATE_ALL, buffer, size, &size,
                               &count, &resume, NULL))
        return failed("EnumServicesStatusEx", GetLastError());
    ENUM_SERVICE_STATUS_PROCESSW *services = (void *)buffer;
    for (DWORD i = 0; i < count; i++) {
        put_text("S\t");
        put(services[i].lpServiceName, wcslen(services[i].lpServiceName));
        put_byte('\t');
        if (services[i].lpDisplayName) put(services[i].lpDisplayName, wcslen(services[i].lpDisplayName));
        put_byte('\t');
        put_number(services[i].ServiceStatusProcess.dwCurrentState);
        put_byte('\t');
        put_number(services[i].ServiceStatusProcess.dwWin32ExitCode);
        put_byte('\n');
    }
    flush();
    return 0;
}

static int put_state(void) {
    static wchar_t path[32768];
    wcscpy(path, L"HKLM");
    put_key(HKEY_LOCAL_MACHINE, L"", path, 4);
    wcscpy(path, L"HKU");
    put_key(HKEY_USERS, L"", path, 3);
    return put_services();
}

static int start(const wchar_t *name) {
    SC_HANDLE service = OpenServiceW(OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), name, SERVICE_START | SERVICE_QUERY_STATUS);
    if (!StartServiceW(service, 0, NULL)) return failed("StartService", GetLastError());
    SERVICE_STATUS status;
    for (int tries = 0; tries < 500; tries++) {
        if (!QueryServiceStatus(service, &status)) return failed("QueryServiceStatus", GetLastError());
        if (status.dwCurrentState != SERVICE_START_PENDING) return 0;
        Sleep(10);
    }
    return failed("the service is still starting", ERROR_SERVICE_REQUEST_TIMEOUT);
}

static int run(wchar_t *command) {
    STARTUPINFOW with = {.cb = sizeof with};
    PROCESS_INFORMATION made;
    wchar_t event[64];
    if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &with, &made)) return failed("CreateProcess", GetLastError());
    swprintf(event, 64, L"service-ready-%lu", made.dwProcessId);
    HANDLE waited[] = {CreateEventW(NULL, TRUE, FALSE, event), made.hProcess};
    DWORD first = WaitForMultipleObjects(2, waited, FALSE, 10000);
    if (first != WAIT_OBJECT_0) return failed("the process is not ready", first);
    printf("%lu\n", made.dwProcessId);
    return 0;
}

static HCERTSTORE opened(const wchar_t *store, DWORD location) {
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, location, store);
}

/* Opening a store is what makes Wine create its keys and fill the roots from Linux. */
static int open_stores(void) {
    const wchar_t *stores[] = {L"ROOT", L"CA", L"MY", L"AuthRoot", L"Disallowed", L"TrustedPublisher", L"TrustedPeople", L"Trust"};
    const DWORD locations[] = {CERT_SYSTEM_STORE_LOCAL_MACHINE, CERT_SYSTEM_STORE_CURRENT_USER, CERT_SYSTEM_STORE_USERS,
                               CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE, CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY,
                               CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY, CERT_SYSTEM_STORE_SERVICES};
    for (size_t s = 0; s < sizeof stores / sizeof *stores; s++)
        for (size_t l = 0; l < sizeof locations / sizeof *locations; l++) opened(stores[s], locations[l]);
    return 0;
}

static int add_certificate(const wchar_t *name) {
    static BYTE der[1 << 16];
    DWORD size = 0, more;
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    while (ReadFile(input, der + size, sizeof der - size, &more, NULL) && more) size += more;
    HCERTSTORE store = opened(name, CERT_SYSTEM_STORE_LOCAL_MACHINE);
    PCCERT_CONTEXT certificate = CertCreateCertificateContext(X509_ASN_ENCODING, der, size);
    if (!certificate) return failed("CertCreateCertificateContext", GetLastError());
    if (_wcsicmp(name, L"ROOT") && !CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_ALWAYS, NULL))
        return failed("CertAddCertificateContextToStore", GetLastError());
    CertCloseStore(store, 0);
    store = opened(name, CERT_SYSTEM_STORE_LOCAL_MACHINE);
    if (!CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING, certificate, NULL))
        return failed("the store did not take the certificate", GetLastError());
    return 0;
}

int wmain(int count, wchar_t **arguments) {
    const wchar_t *what = count > 1 ? arguments[1] : L"";
    if (!wcscmp(what, L"state")) return put_state();
    if (!wcscmp(what, L"start") && count == 3) return start(arguments[2]);
    if (!wcscmp(what, L"run") && count == 3) return run(arguments[2]);
    if (!wcscmp(what, L"certificate") && count == 3) return add_certificate(arguments[2]);
    if (!wcscmp(what, L"stores")) return open_stores();
    return failed("usage", 0);
}

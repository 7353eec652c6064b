/* A stand-in for the programs of an endpoint-security agent: a process, or a service under Windows' own manager.
     service.exe [-service NAME [-fail CODE] [-hang]] [-port N]
   As a service NAME it runs until it is stopped; with -fail it stops at once with the error CODE; with -hang it never
   gets beyond "starting". As a plain process it runs until it is killed. With -port it also listens at 127.0.0.1:N.
   Once it runs and listens, it sets the event "service-ready-PID". */
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <wchar.h>

static SERVICE_STATUS_HANDLE reporter;
static SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS};
static HANDLE stopped;
static wchar_t name[256];
static DWORD failure;
static int hangs, port;

static void report(DWORD state, DWORD code) {
    status.dwCurrentState = state;
    status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP : 0;
    status.dwWin32ExitCode = code;
    SetServiceStatus(reporter, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context) {
    if (code == SERVICE_CONTROL_STOP) {
        report(SERVICE_STOP_PENDING, 0);
        SetEvent(stopped);
    } else {
        SetServiceStatus(reporter, &status);
    }
    return NO_ERROR;
}

static int listening(void) {
    WSADATA data;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    WSAStartup(MAKEWORD(2, 2), &data);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    return !bind(listener, (struct sockaddr *)&address, sizeof address) && !listen(listener, 5);
}

static void ready(void) {
    wchar_t event[64];
    swprintf(event, 64, L"service-ready-%lu", GetCurrentProcessId());
    SetEvent(CreateEventW(NULL, TRUE, FALSE, event));
}

static void WINAPI serve(DWORD count, LPWSTR *arguments) {
    reporter = RegisterServiceCtrlHandlerExW(name, control, NULL);
    report(SERVICE_START_PENDING, 0);
    if (hangs) Sleep(INFINITE);
    if (!failure && port && !listening()) failure = WSAGetLastError();
    if (failure) {
        report(SERVICE_STOPPED, failure);
        return;
    }
    report(SERVICE_RUNNING, 0);
    ready();
    WaitForSingleObject(stopped, INFINITE);
    report(SERVICE_STOPPED, 0);
}

int wmain(int count, wchar_t **arguments) {
    stopped = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (int i = 1; i < count; i++) {
        const wchar_t *value = i + 1 < count ? arguments[i + 1] : L"";
        if (!wcscmp(arguments[i], L"-service")) wcsncpy(name, value, 255);
        else if (!wcscmp(arguments[i], L"-fail")) failure = _wtoi(value);
        else if (!wcscmp(arguments[i], L"-port")) port = _wtoi(value);
        else if (!wcscmp(arguments[i], L"-hang")) hangs = 1;
    }
    if (name[0]) {
        SERVICE_TABLE_ENTRYW table[] = {{name, serve}, {NULL, NULL}};
        return StartServiceCtrlDispatcherW(table) ? 0 : 1;
    }
    if (port && !listening()) return 1;
    ready();
    Sleep(INFINITE);
    return 0;
}

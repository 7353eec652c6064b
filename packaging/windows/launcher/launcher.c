/*
 * diagnose.exe: runs `-m diagnose` with the Python in the folder runtime\ beside it, inside this process.
 *
 * Nothing is looked for anywhere else: DLLs come from runtime\ and System32 only, PYTHON* variables and the registry
 * have no effect (-I, and python311._pth beside the DLL).
 *
 * The build defines PYTHON_DLL (the file name of the interpreter) and LONGEST_NAME (characters of the longest name
 * in the folder).
 */
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#define WRONG_INPUT 2 /* the exit code of the program for a call that cannot work */
#define OUR_BUG 70
#define ROOM 32768    /* characters; no Windows path is longer */

typedef int (*python_main)(int, wchar_t **);

/* Arguments reach the program as they were typed: the C runtime must not expand `*` and `?`. */
int _dowildcard = 0;

static const wchar_t NOT_EXTRACTED[] =
    L"diagnose: the folder \"runtime\" beside diagnose.exe is missing or incomplete.\r\n"
    L"Extract the whole zip first, then start diagnose.exe from the extracted folder.\r\n"
    L"diagnose.exe と同じ場所に runtime フォルダーが無いか、中身が足りません。\r\n"
    L"zip をすべて展開してから、展開したフォルダーの diagnose.exe を起動してください。\r\n";

static const wchar_t NO_MEMORY[] = L"diagnose: not enough memory / メモリが足りません。\r\n";

static const wchar_t PRESS_ENTER[] = L"\r\nEnter キーを押すと閉じます / Press Enter to close this window: ";

/* To a console in its own characters, to a file or pipe in UTF-8. */
static void say(HANDLE out, const wchar_t *text)
{
    char bytes[4096];
    DWORD mode, written;
    int size;

    if (GetConsoleMode(out, &mode)) {
        WriteConsoleW(out, text, (DWORD)wcslen(text), &written, NULL);
        return;
    }
    size = WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
    if (size > 1)
        WriteFile(out, bytes, (DWORD)(size - 1), &written, NULL);
}

static int refuse(const wchar_t *text)
{
    say(GetStdHandle(STD_ERROR_HANDLE), text);
    return WRONG_INPUT;
}

/* The folder of this program without its last backslash; FALSE when it cannot be told. */
static BOOL own_folder(wchar_t *folder)
{
    static wchar_t path[ROOM];
    const wchar_t *prefix = L"", *rest = path;
    DWORD length = GetModuleFileNameW(NULL, path, ROOM);
    wchar_t *end = length > 0 && length < ROOM ? wcsrchr(path, L'\\') : NULL;

    if (end == NULL)
        return FALSE;
    *end = 0;
    /* Where a file below would pass the old limit, the prefix lifts it whatever the policy of the computer says.
     * Shorter paths stay as they are: they are what people see in messages. */
    if (wcslen(path) + LONGEST_NAME + 1 >= MAX_PATH && wcsncmp(path, L"\\\\?\\", 4) != 0) {
        BOOL share = wcsncmp(path, L"\\\\", 2) == 0;
        prefix = share ? L"\\\\?\\UNC" : L"\\\\?\\";
        rest = share ? path + 1 : path;
    }
    if (wcslen(prefix) + wcslen(rest) + LONGEST_NAME + 1 >= ROOM)
        return FALSE;
    wcscpy(folder, prefix);
    wcscat(folder, rest);
    return TRUE;
}

/* The DLL of that name in the folder, or NULL. What it needs comes from there and System32. */
static HMODULE load(const wchar_t *folder, const wchar_t *name)
{
    static wchar_t file[ROOM];

    wcscpy(file, folder);
    wcscat(file, L"\\");
    wcscat(file, name);
    return LoadLibraryExW(file, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
}

/* `Py_Main` of the Python in `runtime`, or NULL. */
static python_main load_python(const wchar_t *runtime)
{
    HMODULE python;

    /* A DLL planted in the working folder or in PATH must not be found. */
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_USER_DIRS);
    /* Extension modules of wheels need it too, and look in their own folders: they find it because it is loaded. */
    load(runtime, L"vcruntime140_1.dll");
    python = load(runtime, PYTHON_DLL);
    return python == NULL ? NULL : (python_main)(void *)GetProcAddress(python, "Py_Main");
}

static int run(int count, wchar_t **arguments)
{
    static wchar_t runtime[ROOM], program[ROOM];
    const wchar_t *options[] = {program, L"-I", L"-B", L"-X", L"utf8", L"-m", L"diagnose"};
    const int fixed = sizeof options / sizeof *options;
    wchar_t **all;
    python_main python;

    if (!own_folder(runtime))
        return refuse(NOT_EXTRACTED);
    wcscat(runtime, L"\\runtime");
    wcscpy(program, runtime);
    wcscat(program, L"\\python.exe");
    python = load_python(runtime);
    if (python == NULL)
        return refuse(NOT_EXTRACTED);
    all = calloc((size_t)(fixed + count), sizeof *all);
    if (all == NULL)
        return refuse(NO_MEMORY);
    memcpy(all, options, sizeof options);
    if (count > 1)
        memcpy(all + fixed, arguments + 1, (size_t)(count - 1) * sizeof *all);
    return python(fixed + (count > 1 ? count - 1 : 0), all);
}

/* Whether the console window was opened for this program alone (a double click) and a person sits at it. */
static BOOL owns_its_window(void)
{
    DWORD processes[2], mode;

    return GetConsoleProcessList(processes, 2) == 1 && GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) &&
           GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode);
}

/* The window goes with the last program in it, and the verdict with the window. */
static void wait_for_enter(void)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
    wchar_t line[64];
    DWORD length;

    SetConsoleMode(in, ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT);
    FlushConsoleInputBuffer(in);
    say(GetStdHandle(STD_OUTPUT_HANDLE), PRESS_ENTER);
    ReadConsoleW(in, line, sizeof line / sizeof *line, &length, NULL);
}

int wmain(int count, wchar_t **arguments)
{
    BOOL waits = owns_its_window();
    int code;

    /* A stick that was pulled out is an error to report, not a dialog that nobody may ever answer. */
    SetErrorMode(SEM_FAILCRITICALERRORS);
    code = run(count, arguments);
    /* The screens, which no argument means, were left on purpose; what they could not do is still to be read. */
    if (waits && (count > 1 || code == WRONG_INPUT || code == OUR_BUG))
        wait_for_enter();
    return code;
}

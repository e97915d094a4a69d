@echo off
rem Builds what changed, then runs the command line.
setlocal
set "ROOT=%~dp0"
set "PROGRAM=%ROOT%artifacts\bin\Launcher\release\Throughline.Launcher.dll"
set "STAMP=%ROOT%artifacts\.built"

where dotnet >nul 2>nul
if errorlevel 1 (
  echo throughline: the .NET 10 SDK is missing. Install it from https://dotnet.microsoft.com/download and run this again. 1>&2
  exit /b 6
)

powershell -NoProfile -Command ^
  "if (-not (Test-Path $env:PROGRAM) -or -not (Test-Path $env:STAMP)) { exit 1 };" ^
  "$built = (Get-Item $env:STAMP -Force).LastWriteTimeUtc;" ^
  "$newer = Get-ChildItem (Join-Path $env:ROOT 'src') -Recurse | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1;" ^
  "if ($newer) { exit 1 }"
if not errorlevel 1 goto run

echo Building ... 1>&2
dotnet build "%ROOT%src\Launcher" --configuration Release --nologo --verbosity quiet 1>&2
if errorlevel 1 (
  echo throughline: the build failed; the messages above say where. 1>&2
  exit /b 1
)
type nul > "%STAMP%"

:run
dotnet "%PROGRAM%" %*
exit /b %ERRORLEVEL%

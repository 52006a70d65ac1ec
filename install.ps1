# Installs docker tidy on Windows: one verified file in docker's plugin folder, for a user with no toolchain.
#   powershell -ExecutionPolicy Bypass -File install.ps1 [-Version V] [-From PLACE] [-Checksum SHA256] [-System | -Dir DIR] [-Uninstall]
# PLACE is a URL, a folder or a file (default: $env:DOCKER_TIDY_URL, else the project's releases on GitHub).
# All of it is functions, called on the last line: a script that was cut off half-way does nothing. Windows PowerShell 5.1 or later.
param(
  [string]$Version = '',
  [string]$From = '',
  [string]$Checksum = '',
  [string]$Dir = '',
  [switch]$System,
  [switch]$Uninstall
)

function Get-PluginFolder {
  if ($System -and $Dir) { throw '-System and -Dir exclude each other.' }
  if ($Dir) { return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Dir) }
  # Only administrators write to Program Files; docker looks there, too.
  if ($System) { return Join-Path $env:ProgramFiles 'Docker\cli-plugins' }
  if ($env:DOCKER_CONFIG) { return Join-Path $env:DOCKER_CONFIG 'cli-plugins' }
  return Join-Path $env:USERPROFILE '.docker\cli-plugins'
}

function Assert-Platform {
  if ($env:OS -ne 'Windows_NT') { throw 'This script installs on Windows. On Linux and macOS: sh install.sh' }
  # Windows on arm64 runs programs for x64.
  $machine = $env:PROCESSOR_ARCHITECTURE
  if ($env:PROCESSOR_ARCHITEW6432) { $machine = $env:PROCESSOR_ARCHITEW6432 }
  if (@('AMD64', 'ARM64') -notcontains $machine) { throw "docker tidy runs on Windows on x64, not on $machine." }
}

# The address or the path of the program.
function Get-Source {
  $asset = 'docker-tidy-windows-x64.exe'
  $place = $From
  if (-not $place) { $place = $env:DOCKER_TIDY_URL }
  if (-not $place) { $place = 'https://github.com/docker-tidy/docker-tidy/releases' }
  if ($place -notmatch '^https?://') {
    if (Test-Path -LiteralPath $place -PathType Container) { $place = Join-Path $place $asset }
    if (-not (Test-Path -LiteralPath $place -PathType Leaf)) { throw "There is no $place. Nothing was changed." }
    return (Resolve-Path -LiteralPath $place).ProviderPath
  }
  $place = $place.TrimEnd('/')
  if ($place -match '\.exe$') { return $place }
  if ($place -notmatch '/releases$') { return "$place/$asset" }
  if ($Version) { return "$place/download/v$($Version -replace '^v', '')/$asset" }
  return "$place/latest/download/$asset"
}

function Save-File([string]$Source, [string]$Target) {
  if ($Source -notmatch '^https?://') { Copy-Item -LiteralPath $Source -Destination $Target -Force; return }
  try { Invoke-WebRequest -UseBasicParsing -Uri $Source -OutFile $Target }
  catch { throw "Could not download ${Source}: $($_.Exception.Message)" }
}

# What the program's SHA-256 must be; empty where nothing says so (a file with no SHA256SUMS beside it).
function Get-Expected([string]$Source, [string]$Work) {
  if ($Checksum) {
    $given = ($Checksum -replace '^sha256:', '').ToLowerInvariant()
    if ($given -notmatch '^[0-9a-f]{64}$') { throw "not a SHA-256 checksum (64 hexadecimal digits): $Checksum" }
    return $given
  }
  $split = $Source.LastIndexOfAny([char[]]'/\') + 1
  $name = $Source.Substring($split)
  $sums = $Source.Substring(0, $split) + 'SHA256SUMS'
  if ($Source -notmatch '^https?://' -and -not (Test-Path -LiteralPath $sums)) { return '' }
  Save-File $sums (Join-Path $Work 'SHA256SUMS')
  foreach ($line in Get-Content -LiteralPath (Join-Path $Work 'SHA256SUMS')) {
    if ($line -match '^([0-9A-Fa-f]{64}) [ *](.+)$' -and $Matches[2] -eq $name) { return $Matches[1].ToLowerInvariant() }
  }
  throw "$sums has no checksum of $name, so it cannot be verified. Nothing was installed."
}

# Runs it once, as docker does; returns its version.
function Get-PluginVersion([string]$Program) {
  $answer = & $Program docker-cli-plugin-metadata
  if ($LASTEXITCODE -ne 0 -or "$answer" -notmatch '"SchemaVersion"') { throw 'It does not answer as a docker plugin does. Nothing was installed.' }
  $found = ("$answer" | ConvertFrom-Json).Version
  $wanted = $Version -replace '^v', ''
  if ($wanted -and ($found -replace '^v', '') -ne $wanted) { throw "It is version $found, not the $wanted asked for. Nothing was installed." }
  return $found
}

function Install-Plugin([string]$Folder) {
  $source = Get-Source
  $target = Join-Path $Folder 'docker-tidy.exe'
  New-Item -ItemType Directory -Force -Path $Folder | Out-Null
  # Beside its place, so that moving it there is one step; docker reads only names that begin with "docker-".
  $work = Join-Path $Folder ('.docker-tidy.' + [System.IO.Path]::GetRandomFileName())
  New-Item -ItemType Directory -Path $work | Out-Null
  try {
    $new = Join-Path $work 'docker-tidy.exe'
    $expected = Get-Expected $source $work
    Save-File $source $new
    if ($expected) {
      $actual = (Get-FileHash -LiteralPath $new -Algorithm SHA256).Hash.ToLowerInvariant()
      if ($actual -ne $expected) { throw "The checksum of $source differs: expected $expected, got $actual. Nothing was installed." }
    }
    $found = Get-PluginVersion $new
    Move-Item -LiteralPath $new -Destination $target -Force
  } finally {
    Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
  }
  Write-Output "Installed docker tidy $found as $target"
  if (-not $expected) { Write-Output 'It was not verified: there was no SHA256SUMS beside it and no -Checksum.' }
  if (-not (Get-Command docker -ErrorAction SilentlyContinue)) { Write-Warning 'docker is not on the PATH: docker tidy needs the docker command line.' }
  Write-Output 'Next: docker tidy plan'
}

function Uninstall-Plugin([string]$Folder) {
  $target = Join-Path $Folder 'docker-tidy.exe'
  if (-not (Test-Path -LiteralPath $target -PathType Leaf)) { Write-Output "docker tidy is not installed in ${Folder}: nothing was removed."; return }
  Remove-Item -LiteralPath $target -Force
  Write-Output "Removed $target"
}

function Invoke-Main {
  $ErrorActionPreference = 'Stop'
  $ProgressPreference = 'SilentlyContinue' # its bar makes downloads ten times slower in Windows PowerShell
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  Assert-Platform
  $folder = Get-PluginFolder
  if ($Uninstall) {
    if ($Version -or $From -or $Checksum) { throw '-Uninstall takes no -Version, -From or -Checksum.' }
    Uninstall-Plugin $folder
  } else {
    Install-Plugin $folder
  }
}

Invoke-Main

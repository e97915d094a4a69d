using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// In this process: the peers share one build and one moment of a noisy machine, and only their ratio is of interest.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(
    args, ManualConfig.Create(DefaultConfig.Instance).AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));

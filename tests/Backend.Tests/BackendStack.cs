using Throughline.Backend.Tests;
using Throughline.Testing;

[assembly: AssemblyFixture(typeof(BackendStack))]

namespace Throughline.Backend.Tests;

/// <summary>One stack for all tests that leave it standing; each signs up its own users.</summary>
public sealed class BackendStack : Platform;

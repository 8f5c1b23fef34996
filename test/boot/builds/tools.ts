import { missingBuildTools } from '../../../kernels/source/tools.ts'

const missing = missingBuildTools().map((tool) => tool.package)

/** Why a test that builds kernels is skipped here; false where it is not. */
export const skip = missing.length === 0 ? false : `kernels are built with ${missing.join(', ')}, which this host lacks`

'use client';

import { Hydrated } from '../../components/Hydrated';
import { ModelBrowser } from '../../components/ModelBrowser';
import { PageSkeleton } from '../../components/PageSkeleton';

export default function ModelsPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <ModelBrowser />
    </Hydrated>
  );
}
